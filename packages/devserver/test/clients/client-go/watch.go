package main

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"
)

// inform keeps a copy of some config maps, by an informer that lists them as a stream where the server can.
func inform(ctx context.Context, c cluster, _ []string) error {
	maps := c.client.CoreV1().ConfigMaps(namespace)
	label := fmt.Sprintf("client-go-%d", time.Now().UnixNano())
	named := func(suffix, value string) *corev1.ConfigMap {
		meta := metav1.ObjectMeta{Name: label + suffix, Labels: map[string]string{"of": label}}
		return &corev1.ConfigMap{ObjectMeta: meta, Data: map[string]string{"key": value}}
	}
	if _, err := maps.Create(ctx, named("-before", "one"), metav1.CreateOptions{}); err != nil {
		return err
	}
	defer maps.DeleteCollection(context.Background(), metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "of=" + label})

	selected := func(options *metav1.ListOptions) { options.LabelSelector = "of=" + label }
	factory := informers.NewSharedInformerFactoryWithOptions(
		c.client, 0, informers.WithNamespace(namespace), informers.WithTweakListOptions(selected))
	informer := factory.Core().V1().ConfigMaps().Informer()
	events := make(chan []string, 16)
	tell := func(kind string, object any) {
		if stale, isStale := object.(cache.DeletedFinalStateUnknown); isStale {
			object = stale.Obj
		}
		config := object.(*corev1.ConfigMap)
		events <- []string{kind, config.Name[len(label):], config.Data["key"]}
	}
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { tell("add", object) },
		UpdateFunc: func(_, object any) { tell("update", object) },
		DeleteFunc: func(object any) { tell("delete", object) },
	})
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		return fmt.Errorf("the informer has not synced")
	}
	say("synced", len(informer.GetStore().List()))
	say("event", <-events)

	if _, err := maps.Create(ctx, named("-after", "one"), metav1.CreateOptions{}); err != nil {
		return err
	}
	say("event", <-events)
	patch := []byte(`{"data":{"key":"two"}}`)
	if _, err := maps.Patch(ctx, label+"-after", types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
		return err
	}
	say("event", <-events)
	if err := maps.Delete(ctx, label+"-before", metav1.DeleteOptions{}); err != nil {
		return err
	}
	say("event", <-events)
	say("left", len(informer.GetStore().List()))
	return nil
}
