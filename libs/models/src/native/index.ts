// Where the native library lies, shared with the tool that puts it there
export {
  locateNative,
  nativeCacheFolder,
  nativePaths,
  wantedVariant,
  TENSORFLOW_VERSION,
  TFJS_VERSION,
  type NativePaths,
  type NativeSource,
  type TensorFlowVariant,
} from './locate-native.ts';

// Loading it
export { loadTensorFlow, type TensorFlow, type TensorFlowOptions } from './load-tensorflow.ts';
