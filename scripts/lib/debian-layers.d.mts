export function debianLayers(directory: string, steps: readonly (readonly string[])[]): readonly string[];
