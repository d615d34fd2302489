/** What a real server fills into a container whose image has no tag. */
export const containerDefaults = {
  imagePullPolicy: "Always",
  resources: {},
  terminationMessagePath: "/dev/termination-log",
  terminationMessagePolicy: "File",
} as const;
