/** The kinds of names that Kubernetes has, each with what the real server says of one that is not so. */
export interface NameRule {
  readonly matches: (name: string) => boolean;
  readonly message: string;
}

const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomain = `${label}(\\.${label})*`;

function rule(pattern: string, limit: number, message: string, examples: string): NameRule {
  const expression = new RegExp(`^${pattern}$`);
  return {
    matches: (name) => name.length <= limit && expression.test(name),
    message: `${message} (e.g. ${examples}, regex used for validation is '${pattern}')`,
  };
}

export const dnsLabel = rule(
  label,
  63,
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  "'my-name',  or '123-abc'",
);

export const dnsSubdomain = rule(
  subdomain,
  253,
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  "'example.com'",
);

export const configKey = rule(
  "[-._a-zA-Z0-9]+",
  253,
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  "'key.name',  or 'KEY_NAME',  or 'key-name'",
);

const qualified = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";

/** The name of a label, without its domain. */
export const labelName = rule(
  qualified,
  63,
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  "'MyName',  or 'my.name',  or '123-abc'",
);

export const labelValue = rule(
  `(${qualified})?`,
  63,
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  "'MyValue',  or 'my_value',  or '12345'",
);
