package main

import (
	"bytes"
	"context"
	"io"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/remotecommand"
)

// execute runs commands in a container: their outputs, their exit codes, their input to its end.
func execute(ctx context.Context, c cluster, args []string) error {
	pod, err := c.create(ctx, pod("exec", "sleep", "1000"))
	if err != nil {
		return err
	}
	defer c.delete(pod.Name)
	run := func(stdin io.Reader, command ...string) []any {
		var stdout, stderr bytes.Buffer
		asked := &corev1.PodExecOptions{Command: command, Stdin: stdin != nil, Stdout: true, Stderr: true}
		options := remotecommand.StreamOptions{Stdin: stdin, Stdout: &stdout, Stderr: &stderr}
		err := c.stream(ctx, args[0], pod.Name, "exec", asked, options)
		return []any{strings.TrimSpace(stdout.String()), strings.TrimSpace(stderr.String()), outcome(err)}
	}
	say("success", run(nil, "echo", "out"))
	say("failure", run(nil, "sh", "-c", "echo out; echo err >&2; exit 3"))
	say("input", run(strings.NewReader(strings.Repeat("0123456789abcdef", 16384)), "wc", "-c"))
	say("output", len(run(nil, "sh", "-c", "yes 0123456 | head -c 1048576; echo .")[0].(string)))
	// A runtime says what it could not start in words of its own.
	refused, isText := run(nil, "/no/such/program")[2].(string)
	say("no such program", isText && strings.Contains(refused, "/no/such/program"))
	return nil
}

// terminal runs a command in a terminal, and makes that larger.
func terminal(ctx context.Context, c cluster, args []string) error {
	pod, err := c.create(ctx, pod("terminal", "sleep", "1000"))
	if err != nil {
		return err
	}
	defer c.delete(pod.Name)
	const script = `read -r name; echo "hello $name"
until [ "$(stty size 2>/dev/null)" = "24 80" ]; do sleep 0.05; done; echo first >&2
until [ "$(stty size 2>/dev/null)" = "40 100" ]; do sleep 0.05; done; echo second; exit 5`
	input, typing := io.Pipe()
	output, writer := io.Pipe()
	sizes := make(sizeQueue, 2)
	sizes <- remotecommand.TerminalSize{Width: 80, Height: 24}
	ended := make(chan error, 1)
	go func() {
		asked := &corev1.PodExecOptions{Command: []string{"sh", "-c", script}, Stdin: true, Stdout: true, TTY: true}
		options := remotecommand.StreamOptions{Stdin: input, Stdout: writer, Tty: true, TerminalSizeQueue: sizes}
		ended <- c.stream(ctx, args[0], pod.Name, "exec", asked, options)
		writer.Close()
	}()
	shown := lines(output)
	if _, err := typing.Write([]byte("you\n")); err != nil {
		return err
	}
	say("typed", []string{<-shown, <-shown})
	say("first size", <-shown)
	sizes <- remotecommand.TerminalSize{Width: 100, Height: 40}
	say("second size", <-shown)
	say("exit", outcome(<-ended))
	return nil
}

type sizeQueue chan remotecommand.TerminalSize

func (q sizeQueue) Next() *remotecommand.TerminalSize {
	size := <-q
	return &size
}
