/** Members of an archive of our own making: regular files with plain names (POSIX.1-2001 pax, ustar headers). Pure. */

const block = 512;
/** What a ustar header can say of a size: eleven octal digits. */
const largestSize = 0o77777777777;

/** Header of a file; its bytes follow, then `tarPadding`. A long name or size gets an extended header in front. */
export function tarHeader(name: string, size: number): Buffer {
  const records = [
    ...(Buffer.byteLength(name) > 100 ? [record('path', name)] : []),
    ...(size > largestSize ? [record('size', String(size))] : []),
  ];
  if (records.length === 0) return header(name, size, '0');
  const extension = Buffer.from(records.join(''));
  return Buffer.concat([
    header('pax', extension.byteLength, 'x'),
    extension,
    tarPadding(extension.byteLength),
    header(name.slice(0, 100), size > largestSize ? 0 : size, '0'),
  ]);
}

/** Zeros up to the next block. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((block - (size % block)) % block);
}

/** Two blocks of zeros. */
export const tarEnd = Buffer.alloc(2 * block);

/** `<length> <key>=<value>\n`, where the length counts itself. */
function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  const digits = String(bytes + String(bytes).length).length;
  return `${bytes + digits}${rest}`;
}

function header(name: string, size: number, type: string): Buffer {
  const bytes = Buffer.alloc(block);
  bytes.write(name, 0, 100);
  bytes.write('0000644\0', 100);
  bytes.write('0000000\0', 108);
  bytes.write('0000000\0', 116);
  bytes.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  bytes.write(`${'0'.repeat(11)}\0`, 136); // the same image is the same archive
  bytes.write('        ', 148);
  bytes.write(type, 156);
  bytes.write('ustar\x0000', 257);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}
