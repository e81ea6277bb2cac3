export function bridgeAddress(inspected: string): string;
