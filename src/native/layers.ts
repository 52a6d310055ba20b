import type { LayerResult, LayerSink, Layers } from './index.ts';
import type { RawAddon, RawSink } from './raw.ts';
import { guarded, replied } from './reply.ts';

/** `Layers` over the addon. Failures: `E_DIGEST`, `E_DIFFID`, `E_LAYER_ESCAPE`, `E_LAYER_LIMIT`, `E_LAYER_BYTES`, `E_LAYER_ENTRIES`, `E_LAYER_FORMAT`, `E_ABORTED` or an errno. */
export function createLayers(addon: RawAddon): Layers {
  return {
    begin: (options) => sinkOf(guarded(() => new addon.RawSink(JSON.stringify(options)))),
    sync: (path) => replied(addon.syncTree(path)),
    removeTree: (path) => replied(addon.removeTree(path)),
    exchange: (left, right) => replied(addon.exchangeTrees(left, right)),
    usage: (path) => replied(addon.treeUsage(path)),
    inherit: (tree, lower, implied) => replied(addon.inheritDirectories(tree, [...lower], [...implied])),
    differences: (expected, found) => replied(addon.treeDifferences(expected, found)),
  };
}

function sinkOf(raw: RawSink): LayerSink {
  return {
    write: async (chunk) => {
      if (!guarded(() => raw.push(chunk))) await replied(raw.room());
    },
    end: () => replied<LayerResult>(raw.end()),
    abort: () => replied(raw.abort()),
  };
}
