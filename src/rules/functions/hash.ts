/** Hash functions (rules-engine.md section 6.2): lower-case hex of the hash of the text's UTF-8 bytes. */
import { createHash } from 'node:crypto';
import { type FunctionTable, ofTexts, type SqlFunction, since2015 } from './function.ts';
import { md2 } from './md2.ts';

export const hashFunctions: FunctionTable = {
  md2: since2015(
    1,
    1,
    ofTexts((text) => md2(Buffer.from(text)).toString('hex')),
  ),
  md5: hash('md5'),
  sha1: hash('sha1'),
  sha224: hash('sha224'),
  sha256: hash('sha256'),
  sha384: hash('sha384'),
  sha512: hash('sha512'),
};

function hash(algorithm: string): SqlFunction {
  return since2015(
    1,
    1,
    ofTexts((text) => createHash(algorithm).update(text, 'utf8').digest('hex')),
  );
}
