/** Answers of devserver that are not those of a real server, and why they may be. */
export interface Difference {
  /** The actions that it is about: all of them differ. */
  readonly of: RegExp;
  readonly reason: string;
  /** What devserver says. */
  readonly says: RegExp;
  /** Its status, where that is another one too. */
  readonly status?: number;
}

const goWords = "Go's own words for JSON: devserver says which field it is, or what Node says of the text";

export const restDifferences: readonly Difference[] = [
  { of: /: no JSON$/, reason: goWords, says: /^the body is not JSON: / },
  {
    of: /^managers: (a time that is none|no object)$/,
    reason: goWords,
    says: /metadata\.managedFields\[0\](\.time must be a time as RFC 3339 has it| must be an object)$/,
  },
  {
    of: /^resources: (no quantity|a unit that is not there)$/,
    reason: "a real server shows the pattern of all quantities, and not which one is wrong",
    says: /resources\.limits\.cpu must be a quantity, such as 100m, 1\.5 or 1Gi$/,
  },
  {
    of: /^managers: (a long name|a name that cannot be printed|a long part)$/,
    reason: "a real server gives the same cause four times",
    says: /is invalid: metadata\.managedFields\[0\]\.(manager|subresource): (Too long|Invalid value): /,
  },
  { of: /^\w+: a list$/, reason: goWords, says: /^the body is not a \w+: it must be a JSON object$/ },
  {
    of: /: another kind$/,
    reason: "a real server tells of conversions between its own types; devserver what it expects",
    says: /^the body must be apiVersion "v1", kind "\w+", not \["v1","Node"\]$/,
  },
  {
    of: /: another format$/,
    reason: "devserver writes no YAML and no protobuf, and says so",
    says: /^devserver answers in application\/json, plain or as a Table$/,
  },
  {
    of: /: a wrong label selector$/,
    reason: "a real server tells where its parser stood",
    says: /^unable to parse requirement: "a b"$/,
  },
  {
    of: /: a wrong continue$/,
    reason: "tokens are each server's own",
    says: /^continue key is not valid$/,
  },
  {
    of: /^(a number for a text|a Pod of a wrong command)$/,
    reason: goWords,
    says: /must be (an object|a list) of strings$/,
  },
  {
    of: /^merge: a number for a text$/,
    reason: "a real server shows the whole object, which may be secret",
    says: /data must be an object of strings$/,
  },
  {
    of: /^json: (no operation|a path that is not there|a test that does not hold)$/,
    reason: "a real server does not say what is wrong",
    says: /^the server rejected our request due to an error in our request: \S/,
  },
  {
    of: /^strategic: a wrong directive$/,
    reason: "a real server takes it for a fault of its own, with 500",
    says: /must be replace, merge or delete$/,
    status: 400,
  },
  {
    of: /^(v[45]\.)?channel\.k8s\.io: no (program|command)$/,
    reason: "the newest runtimes word it more shortly",
    says: /OCI runtime exec failed: exec failed: unable to start container process: .*: unknown/,
  },
  {
    of: /^finalizers: another one$/,
    reason: "a real server gives the same cause twice",
    says: /: Forbidden: no new finalizers can be added .* \[\]string\{"example.com\/y", "example.com\/z"\}$/,
  },
  {
    of: /^watch: a wrong version$/,
    reason: "a real server takes it for a fault of its own, with 500",
    says: /^invalid resource version: /,
    status: 400,
  },
];
