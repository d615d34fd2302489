package main

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"
)

// objects makes and changes a Pod with bodies in protobuf, which is client-go's own choice.
func objects(ctx context.Context, c cluster, _ []string) error {
	pods := c.client.CoreV1().Pods(namespace)
	wanted := pod("objects", "sh", "-c", "sleep 1000")
	wanted.Labels = map[string]string{"app": "objects"}
	wanted.Spec.Containers[0].Env = []corev1.EnvVar{{Name: "WHO", Value: "client-go"}}
	created, err := pods.Create(ctx, wanted, metav1.CreateOptions{FieldValidation: "Strict"})
	if err != nil {
		return err
	}
	defer c.delete(created.Name)
	say("environment", created.Spec.Containers[0].Env[0].Value)

	_, err = pods.Create(ctx, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: created.Name}, Spec: wanted.Spec}, metav1.CreateOptions{})
	say("twice", errors.ReasonForError(err))
	_, err = pods.Create(ctx, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "Not A Name"}, Spec: wanted.Spec}, metav1.CreateOptions{})
	say("wrong name", errors.ReasonForError(err))
	_, err = pods.Get(ctx, created.Name+"-none", metav1.GetOptions{})
	say("missing", errors.ReasonForError(err))

	patched, err := pods.Patch(ctx, created.Name, types.StrategicMergePatchType,
		[]byte(`{"metadata":{"labels":{"tier":"test"}}}`), metav1.PatchOptions{})
	if err != nil {
		return err
	}
	say("strategic merge", patched.Labels)
	label := applycorev1.Pod(created.Name, namespace).WithLabels(map[string]string{"applied": "yes"})
	applied, err := pods.Apply(ctx, label, metav1.ApplyOptions{FieldManager: "tests"})
	if err != nil {
		return err
	}
	say("apply", applied.Labels["applied"])
	stale := patched.DeepCopy()
	stale.Labels["stale"] = "yes"
	_, err = pods.Update(ctx, stale, metav1.UpdateOptions{})
	say("stale update", errors.ReasonForError(err))
	listed, err := pods.List(ctx, metav1.ListOptions{LabelSelector: "tier=test", FieldSelector: "metadata.name=" + created.Name})
	if err != nil {
		return err
	}
	say("listed", len(listed.Items))
	return nil
}
