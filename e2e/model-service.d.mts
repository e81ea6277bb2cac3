export function startModelService(options: {
  host: string;
  port?: number;
  apiKey: string;
  model: string;
}): Promise<{ port: number; close(): Promise<void> | void }>;
