/** One field of a message; the type is a scalar's name, or a message's as OpenAPI writes it. */
interface ProtoField {
  readonly name: string;
  readonly type: string;
  readonly number: number;
}

/** The fields of each message, by its name as OpenAPI writes it. */
export type ProtoMessages = ReadonlyMap<string, readonly ProtoField[]>;

const field = /^ {2}(?:optional|repeated) ([\w.]+) (\w+) = (\d+);/;
const map = /^ {2}map<\w+, *([\w.]+)> (\w+) = (\d+);/;

/** Reads the files that go-to-protobuf writes: messages alone, one field a line, and never one message in another. */
export function readProto(texts: readonly string[]): ProtoMessages {
  const messages = new Map<string, ProtoField[]>();
  for (const text of texts) {
    const [, own = ""] = /^package ([\w.]+);/m.exec(text) ?? [];
    let fields: ProtoField[] = [];
    for (const line of text.split("\n")) {
      const [, message] = /^message (\w+) \{/.exec(line) ?? [];
      if (message !== undefined) {
        fields = [];
        messages.set(`${openApiName(own)}.${message}`, fields);
      }
      const [, type, name, number] = field.exec(line) ?? map.exec(line) ?? [];
      if (type === undefined || name === undefined) continue;
      const full = /^[A-Z]/.test(type) ? `.${own}.${type}` : type;
      fields.push({
        name,
        type: full.startsWith(".") ? openApiName(full.slice(1)) : full,
        number: Number(number),
      });
    }
  }
  return messages;
}

/** `k8s.io.api…` is `io.k8s.api…` there. */
function openApiName(name: string): string {
  return name.replace(/^k8s\.io\./, "io.k8s.");
}
