package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/util/exec"
	"k8s.io/streaming/pkg/httpstream"
)

// stream runs one session with a container, by "websocket", by "spdy", or by the second when the first is refused.
func (c cluster) stream(
	ctx context.Context, by, name, subresource string, asked runtime.Object, options remotecommand.StreamOptions,
) error {
	request := c.client.CoreV1().RESTClient().Post().
		Resource("pods").Namespace(namespace).Name(name).SubResource(subresource).
		VersionedParams(asked, scheme.ParameterCodec)
	websocket, err := remotecommand.NewWebSocketExecutor(c.config, "GET", request.URL().String())
	if err != nil {
		return err
	}
	spdy, err := remotecommand.NewSPDYExecutor(c.config, "POST", request.URL())
	if err != nil {
		return err
	}
	fallback, err := remotecommand.NewFallbackExecutor(websocket, spdy, httpstream.IsUpgradeFailure)
	if err != nil {
		return err
	}
	executors := map[string]remotecommand.Executor{"websocket": websocket, "spdy": spdy, "fallback": fallback}
	executor, known := executors[by]
	if !known {
		return fmt.Errorf("there is no executor %q", by)
	}
	return executor.StreamWithContext(ctx, options)
}

// outcome is the exit code of a command that began, or what went wrong.
func outcome(err error) any {
	var exit exec.CodeExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.Code
	default:
		return err.Error()
	}
}

// lines gives what is read, line by line, without the terminal's carriage returns.
func lines(reader io.Reader) <-chan string {
	found := make(chan string, 16)
	go func() {
		defer close(found)
		for scanner := bufio.NewScanner(reader); scanner.Scan(); {
			found <- strings.TrimRight(scanner.Text(), "\r")
		}
	}()
	return found
}
