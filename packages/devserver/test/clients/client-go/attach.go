package main

import (
	"context"
	"fmt"
	"io"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/remotecommand"
)

// attach joins the program of a container, which ends with its input.
func attach(ctx context.Context, c cluster, args []string) error {
	wanted := pod("attach", "sh", "-c", `while read -r line; do echo "echo: $line"; done; echo bye; exit 4`)
	wanted.Spec.Containers[0].Stdin = true
	wanted.Spec.Containers[0].StdinOnce = true
	pod, err := c.create(ctx, wanted)
	if err != nil {
		return err
	}
	defer c.delete(pod.Name)
	input, typing := io.Pipe()
	output, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		asked := &corev1.PodAttachOptions{Stdin: true, Stdout: true, Stderr: true}
		options := remotecommand.StreamOptions{Stdin: input, Stdout: writer, Stderr: io.Discard}
		ended <- c.stream(ctx, args[0], pod.Name, "attach", asked, options)
		writer.Close()
	}()
	shown := lines(output)
	fmt.Fprintln(typing, "hello")
	say("answer", <-shown)
	typing.Close()
	say("after the end of the input", <-shown)
	say("session", outcome(<-ended))
	if err := c.wait(ctx, pod.Name, func(phase corev1.PodPhase) bool { return phase == corev1.PodFailed }); err != nil {
		return err
	}
	say("phase", corev1.PodFailed)
	return nil
}
