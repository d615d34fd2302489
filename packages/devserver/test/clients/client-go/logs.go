package main

import (
	"context"

	corev1 "k8s.io/api/core/v1"
)

// follow reads the log of a container from before its end to its end.
func follow(ctx context.Context, c cluster, _ []string) error {
	pod, err := c.create(ctx, pod("logs", "sh", "-c", "for i in 1 2 3; do echo line $i; sleep 0.2; done; printf 'no end'"))
	if err != nil {
		return err
	}
	defer c.delete(pod.Name)
	pods := c.client.CoreV1().Pods(namespace)
	stream, err := pods.GetLogs(pod.Name, &corev1.PodLogOptions{Follow: true}).Stream(ctx)
	if err != nil {
		return err
	}
	defer stream.Close()
	for line := range lines(stream) {
		say("line", line)
	}
	last := int64(1)
	text, err := pods.GetLogs(pod.Name, &corev1.PodLogOptions{TailLines: &last}).DoRaw(ctx)
	if err != nil {
		return err
	}
	say("tail", string(text))
	return nil
}
