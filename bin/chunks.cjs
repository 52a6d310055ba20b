/**
 * Loads the chunks of the bundle (CommonJS files that require each other by `./name`) with the code V8 made of them the last time: compiling them is most of a short
 * command's time. Module.enableCompileCache() does this from Node 22.1 on; the floor is Node 20.
 */
const { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } = require('node:fs');
const { createRequire, wrap } = require('node:module');
const { join } = require('node:path');
const { constants, Script } = require('node:vm');

/**
 * Opens the bundle in `directory`. `load` runs a chunk once and gives its exports. `store` keeps the code of chunks that had none yet, in `cache/` beside them; where that
 * may not be written, nothing is kept and the next command compiles again. Names of chunks carry a hash of their text, so that code never outlives its source; V8 itself
 * refuses code of another version or other flags of its own.
 */
exports.openBundle = function openBundle(directory) {
  const modules = new Map();
  const uncached = [];
  const requireOther = createRequire(join(directory, 'main.cjs'));
  const require = (wanted) => {
    if (wanted.startsWith('./')) return load(wanted.slice(2));
    return lazyBuiltins.has(wanted) ? lazily(() => requireOther(wanted)) : requireOther(wanted);
  };

  function load(name) {
    const known = modules.get(name);
    if (known !== undefined) return known.exports;
    const filename = join(directory, name);
    const module = { exports: {} };
    modules.set(name, module);
    const cachedData = readCode(codePath(directory, name));
    const script = new Script(wrap(readFileSync(filename, 'utf8')), {
      filename,
      cachedData,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    if (cachedData === undefined || script.cachedDataRejected) uncached.push({ name, script });
    script.runInThisContext().call(module.exports, module.exports, require, module, filename, directory);
    return module.exports;
  }

  /** Code of what ran is in it: functions that were never called are compiled when they are. */
  function store() {
    try {
      for (const { name, script } of uncached.splice(0)) writeCode(codePath(directory, name), script.createCachedData());
    } catch {
      // Not writable, or no room.
    }
  }

  return { load, store };
};

/** Parts of Node that are slow to load and seldom needed. Chunks take named things out of them, no more, so that something else can stand for one until then. */
const lazyBuiltins = new Set(
  [
    'child_process',
    'crypto',
    'fs/promises',
    'http',
    'net',
    'os',
    'readline',
    'stream',
    'stream/promises',
    'timers/promises',
    'tls',
    'worker_threads',
    'zlib',
  ].map((name) => `node:${name}`),
);

function lazily(loadModule) {
  let module = null;
  return new Proxy(
    {},
    {
      get(_target, name) {
        module ??= loadModule();
        return module[name];
      },
    },
  );
}

function codePath(directory, name) {
  return join(directory, 'cache', `${name}.${process.versions.v8}-${process.arch}`);
}

function readCode(path) {
  try {
    const code = readFileSync(path);
    return code.length === 0 ? undefined : code;
  } catch {
    return undefined;
  }
}

/** Whole or not at all, also after a power cut: V8 checks little of what it is given. */
function writeCode(path, code) {
  const partial = `${path}.${process.pid}`;
  const file = openSync(partial, 'wx', 0o644);
  try {
    writeSync(file, code);
    fsyncSync(file);
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}
