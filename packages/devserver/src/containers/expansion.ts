import type { EnvVar } from "../pods/pod.ts";

/** Replaces `$(NAME)` by the variable's value where there is one, and `$$` by `$`, as Kubernetes does. */
export function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([^()]*)\)/g, (whole, name: string | undefined) => {
    if (name === undefined) return "$";
    return Object.hasOwn(env, name) ? (env[name] ?? whole) : whole;
  });
}

/** The variables that a container declares, each of which may refer to those before it. */
export function expandEnv(variables: readonly EnvVar[]): Record<string, string> {
  const env: Record<string, string> = {};
  for (const { name, value = "" } of variables) env[name] = expand(value, env);
  return env;
}
