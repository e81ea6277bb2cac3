import type { ChildProcess } from 'node:child_process';

export interface StepResult {
  code: number | null;
  signal: string | null;
  log: string;
  seconds: number;
}
export interface Step {
  child: ChildProcess;
  done: Promise<StepResult>;
}
export interface Job {
  home: string;
  temp: string;
  main(): Step;
  post(): Step;
  outputs(): Record<string, string>;
  variables(): Record<string, string>;
  state(): Record<string, string>;
  summary(): string;
  remove(): void;
}
export const root: string;
export function inputDefaults(): Record<string, string>;
export function readCommandFile(path: string): Record<string, string>;
export function createJob(options: {
  inputs: Record<string, string>;
  workspace?: string;
  env?: Record<string, string>;
  node?: string[];
  toolCache?: string;
  dist?: string;
  onLine?: (line: string) => void;
}): Job;
export function inputsFromEnvironment(env?: NodeJS.ProcessEnv): Record<string, string>;
