// What client-go does with a cluster, one topic a run, told in lines of JSON.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	toolswatch "k8s.io/client-go/tools/watch"
)

const namespace = "default"

type cluster struct {
	config *rest.Config
	client *kubernetes.Clientset
}

var topics = map[string]func(context.Context, cluster, []string) error{
	"exec":     execute,
	"terminal": terminal,
	"attach":   attach,
	"forward":  forward,
	"informer": inform,
	"logs":     follow,
	"objects":  objects,
}

func main() {
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(topic string, args []string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	return topics[topic](ctx, cluster{config, client}, args)
}

func say(key string, value any) {
	line, err := json.Marshal(map[string]any{key: value})
	if err != nil {
		panic(err)
	}
	fmt.Println(string(line))
}

// pod is a Pod with one container, named after the topic.
func pod(topic string, command ...string) *corev1.Pod {
	grace := int64(0)
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "client-go-" + topic + "-"},
		Spec: corev1.PodSpec{
			RestartPolicy:                 corev1.RestartPolicyNever,
			TerminationGracePeriodSeconds: &grace,
			Containers:                    []corev1.Container{{Name: "main", Image: os.Getenv("PODWIRE_IMAGE"), Command: command}},
		},
	}
}

// create makes the Pod and waits until it runs.
func (c cluster) create(ctx context.Context, wanted *corev1.Pod) (*corev1.Pod, error) {
	created, err := c.client.CoreV1().Pods(namespace).Create(ctx, wanted, metav1.CreateOptions{})
	if err != nil {
		return nil, err
	}
	return created, c.wait(ctx, created.Name, func(phase corev1.PodPhase) bool { return phase != corev1.PodPending })
}

func (c cluster) wait(ctx context.Context, name string, done func(corev1.PodPhase) bool) error {
	only := fields.OneTermEqualSelector("metadata.name", name)
	source := cache.NewListWatchFromClient(c.client.CoreV1().RESTClient(), "pods", namespace, only)
	_, err := toolswatch.UntilWithSync(ctx, source, &corev1.Pod{}, nil, func(event watch.Event) (bool, error) {
		pod, isPod := event.Object.(*corev1.Pod)
		return isPod && done(pod.Status.Phase), nil
	})
	return err
}

func (c cluster) delete(name string) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := c.client.CoreV1().Pods(namespace).Delete(ctx, name, metav1.DeleteOptions{}); err != nil {
		fmt.Fprintln(os.Stderr, strings.TrimSpace(err.Error()))
	}
}
