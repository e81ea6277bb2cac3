/** Token counts as the OpenAI API reports them. */
interface ReportedUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

/** A token is a word with the space before it, so that tokens make up the text again: for limits, streams and counts. */
export function tokensOf(text: string): string[] {
  return text.match(/\s*\S+/g) ?? [];
}

export function usageOf(prompt: string, completion = ''): ReportedUsage {
  const [prompt_tokens, completion_tokens] = [tokensOf(prompt).length, tokensOf(completion).length];
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}
