/** Replaces `$(NAME)` by the variable's value where there is one, and `$$` by `$`, as Kubernetes does. */
export function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([^()]*)\)/g, (whole, name: string | undefined) => {
    if (name === undefined) return "$";
    return Object.hasOwn(env, name) ? (env[name] ?? whole) : whole;
  });
}
