import type { Fields } from "./fields.ts";
import { dnsSubdomain, labelName, labelValue } from "./names.ts";

/** Finds what is wrong with the labels of a metadata, and with the keys of its annotations. */
export function checkLabels(metadata: Fields): void {
  const wrong = (field: string, value: string, message: string): void =>
    metadata.invalid(field, `Invalid value: ${JSON.stringify(value)}: ${message}`);
  for (const [key, value] of Object.entries(metadata.texts("labels") ?? {})) {
    for (const message of mistakesOf(key)) wrong("labels", key, message);
    if (!labelValue.matches(value)) wrong("labels", value, labelValue.message);
  }
  for (const key of Object.keys(metadata.texts("annotations") ?? {})) {
    for (const message of mistakesOf(key.toLowerCase())) wrong("annotations", key, message);
  }
}

/** What is wrong with a key: it is a name, with or without a domain before it. */
export function mistakesOf(key: string): string[] {
  const [name = "", prefix, ...more] = key.split("/").reverse();
  if (more.length > 0) {
    const format = labelName.message.replace(/^name part/, "a valid label key");
    return [`${format} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  return [
    ...(prefix === undefined || dnsSubdomain.matches(prefix) ? [] : [`prefix part ${dnsSubdomain.message}`]),
    ...(labelName.matches(name) ? [] : [labelName.message]),
  ];
}
