/** What the API answers instead of success: a status, and text or a form's messages. */
export class Refusal extends Error {
  readonly status: number;
  /** Text is sent as it is, messages by field as JSON. */
  readonly body: string | Readonly<Record<string, readonly string[]>>;

  constructor(status: number, body: Refusal['body']) {
    super(`${status}`);
    this.status = status;
    this.body = body;
  }
}

export const badForm = (field: string, message: string) => new Refusal(400, { [field]: [message] });
export const wrongState = (text: string) => new Refusal(409, text);
export const denied = () => new Refusal(403, '');
export const notFound = (text = 'Not Found') => new Refusal(404, text);
export const busy = (text: string) => new Refusal(503, text);
