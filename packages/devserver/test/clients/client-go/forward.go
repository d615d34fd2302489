package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
	"k8s.io/streaming/pkg/httpstream"
)

// forward reaches a Pod's port, by "spdy", or by the tunnel for it through a WebSocket.
func forward(ctx context.Context, c cluster, args []string) error {
	var command []string
	if err := json.Unmarshal([]byte(os.Getenv("PODWIRE_PORT_COMMAND")), &command); err != nil {
		return err
	}
	pod, err := c.create(ctx, pod("forward", command...))
	if err != nil {
		return err
	}
	defer c.delete(pod.Name)
	log, err := c.client.CoreV1().Pods(namespace).GetLogs(pod.Name, &corev1.PodLogOptions{Follow: true}).Stream(ctx)
	if err != nil {
		return err
	}
	// Its first line says that it listens.
	<-lines(log)
	log.Close()
	dialer, err := c.dialer(args[0], pod.Name)
	if err != nil {
		return err
	}
	refusals := make(chan error, 1)
	runtime.ErrorHandlers = []runtime.ErrorHandler{func(_ context.Context, err error, _ string, _ ...any) { refusals <- err }}

	ready := make(chan struct{})
	var said bytes.Buffer
	ports := []string{"0:" + os.Getenv("PODWIRE_PORT"), "0:" + os.Getenv("PODWIRE_CLOSED_PORT")}
	forwarder, err := portforward.NewOnAddressesForStreamingWithContext(
		ctx, dialer, []string{"127.0.0.1"}, ports, ready, &said, &said)
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- forwarder.ForwardPorts() }()
	select {
	case <-ready:
	case err := <-ended:
		return fmt.Errorf("forwarding ended before it was ready: %w", err)
	}
	local, err := forwarder.GetPorts()
	if err != nil {
		return err
	}
	first, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", local[0].Local))
	if err != nil {
		return err
	}
	second, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", local[0].Local))
	if err != nil {
		return err
	}
	// Both are open at once, and what goes in at the first comes out of it when the other is done.
	payload := strings.Repeat("0123456789abcdef", 4096)
	for name, conn := range map[string]net.Conn{"ping": first, payload: second} {
		go io.WriteString(conn, name)
	}
	echoed := make([]byte, len(payload))
	if _, err := io.ReadFull(second, echoed); err != nil {
		return err
	}
	say("second connection", string(echoed) == payload)
	if _, err := io.ReadFull(first, echoed[:4]); err != nil {
		return err
	}
	say("first connection", string(echoed[:4]))
	first.Close()
	second.Close()

	refused, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", local[1].Local))
	if err != nil {
		return err
	}
	io.ReadAll(refused)
	say("closed port", strings.Contains((<-refusals).Error(), "refused"))
	// It lets go of the whole session then.
	say("end", outcome(<-ended))
	return nil
}

func (c cluster) dialer(by, name string) (httpstream.Dialer, error) {
	url := c.client.CoreV1().RESTClient().Post().
		Resource("pods").Namespace(namespace).Name(name).SubResource("portforward").URL()
	if by == "tunnel" {
		return portforward.NewSPDYOverWebsocketDialerForStreaming(url, c.config)
	}
	transport, upgrader, err := spdy.RoundTripperFor(c.config)
	if err != nil {
		return nil, err
	}
	return spdy.NewDialerForStreaming(upgrader, &http.Client{Transport: transport}, http.MethodPost, url), nil
}
