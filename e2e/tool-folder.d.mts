export function toolFolder(env?: NodeJS.ProcessEnv, home?: string): string;
