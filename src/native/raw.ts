/** Names for what the addon hands out. */
import type * as addon from './addon.d.ts';

export type RawAddon = typeof addon;
export type RawEngine = addon.Engine;
export type RawNet = addon.RawNet;
export type RawSink = addon.RawSink;
