// Applies objects as Flux does, with its library, and deletes those of an earlier file that are not wanted any more.
//
//	flux-ssa KUBECONFIG FILE [EARLIER_FILE]
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/fluxcd/pkg/ssa"
	"github.com/fluxcd/pkg/ssa/utils"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	ctx := context.Background()
	config, err := clientcmd.BuildConfigFromFlags("", args[0])
	if err != nil {
		return err
	}
	config.QPS, config.Burst = 1000, 1000
	cluster, err := client.New(config, client.Options{})
	if err != nil {
		return err
	}
	objects, err := read(args[1])
	if err != nil {
		return err
	}
	// Nothing is waited for, so no poller is needed.
	manager := ssa.NewResourceManager(cluster, nil, ssa.Owner{Field: "flux", Group: "flux.example.com"})
	manager.SetOwnerLabels(objects, "registry", "default")
	options := ssa.DefaultApplyOptions()
	changes, err := manager.ApplyAll(ctx, objects, options)
	if err != nil {
		return err
	}
	fmt.Println(changes)
	if len(args) < 3 {
		return nil
	}
	earlier, err := read(args[2])
	if err != nil {
		return err
	}
	wanted := map[string]bool{}
	for _, object := range objects {
		wanted[utils.FmtUnstructured(object)] = true
	}
	var stale []*unstructured.Unstructured
	for _, object := range earlier {
		if !wanted[utils.FmtUnstructured(object)] {
			stale = append(stale, object)
		}
	}
	deletion := ssa.DefaultDeleteOptions()
	deletion.Inclusions = manager.GetOwnerLabels("registry", "default")
	changes, err = manager.DeleteAll(ctx, stale, deletion)
	fmt.Println(changes)
	return err
}

func read(path string) ([]*unstructured.Unstructured, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return utils.ReadObjects(file)
}
