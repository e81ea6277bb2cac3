export function repository(): string;
export function whoSays(): { path: string; names: string[] }[];
