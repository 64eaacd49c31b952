/** The door of the codec: all that others may use of it, besides the types in `packets.ts`. */
export { decode } from './decode.ts';
export { connectVersion } from './decode-connect.ts';
export { encode, type PublishFields, type PublishTemplate, publishTemplate, writeAck } from './encode.ts';
export { type FrameHandler, FrameReader } from './frame-reader.ts';
export { decodePublishProperties, PublishView, readPublish, topicFromBytes } from './publish-view.ts';
export { connackReturnCode, MqttError, phraseOf, ReasonCode } from './reason-codes.ts';
export {
  isValidFilter,
  isValidTopic,
  levelsOf,
  type MatchOptions,
  matches,
  parseShared,
  type SharedFilter,
  slashCount,
} from './topic.ts';
