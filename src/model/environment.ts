/** Whether environ(7) can hold a variable of this name. */
export function isVariableName(name: string): boolean {
  return name !== '' && !/[=\0]/.test(name);
}
