// Reads from standard input what cluster-image-registry-operator-tests-ext has printed, as strictly as can be, and
// answers which tests the expressions in it choose.
//
// The documents are those of github.com/openshift-eng/openshift-tests-extension v1.1 (pkg/extension), and so are the
// variables of the expressions; the interpreter is the one that openshift-tests evaluates them with.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/google/cel-go/cel"
)

type request struct {
	Info         extension     `json:"info"`
	Suites       []suite       `json:"suites"`
	Tests        []spec        `json:"tests"`
	Components   []component   `json:"components"`
	Results      []result      `json:"results"`
	Environments []environment `json:"environments"`
}

type answer struct {
	// Of each suite, the names of its tests.
	Suites map[string][]string `json:"suites"`
	// Of each environment, the names of the tests that are for it.
	Environments [][]string `json:"environments"`
}

type extension struct {
	APIVersion string    `json:"apiVersion"`
	Source     source    `json:"source"`
	Component  component `json:"component"`
	Suites     []suite   `json:"suites"`
	Images     []image   `json:"images"`
}

type source struct {
	Commit       string `json:"commit"`
	BuildDate    string `json:"build_date"`
	GitTreeState string `json:"git_tree_state"`
	SourceURL    string `json:"source_url"`
}

type component struct {
	Product string `json:"product"`
	Kind    string `json:"type"`
	Name    string `json:"name"`
}

type suite struct {
	Name             string         `json:"name"`
	Description      string         `json:"description"`
	Parents          []string       `json:"parents"`
	Qualifiers       []string       `json:"qualifiers"`
	Count            int            `json:"count"`
	Parallelism      int            `json:"parallelism"`
	ClusterStability string         `json:"clusterStability"`
	TestTimeout      *time.Duration `json:"testTimeout"`
}

type image struct {
	Index    int    `json:"index"`
	Registry string `json:"registry"`
	Name     string `json:"name"`
	Version  string `json:"version"`
	Mapped   *image `json:"mapped"`
}

type spec struct {
	Name                string              `json:"name"`
	OriginalName        string              `json:"originalName"`
	Labels              map[string]struct{} `json:"labels"`
	Tags                map[string]string   `json:"tags"`
	Resources           resources           `json:"resources"`
	Source              string              `json:"source"`
	CodeLocations       []string            `json:"codeLocations"`
	Lifecycle           string              `json:"lifecycle"`
	EnvironmentSelector selector            `json:"environmentSelector"`
}

type resources struct {
	Isolation isolation `json:"isolation"`
	Memory    string    `json:"memory"`
	Duration  string    `json:"duration"`
	Timeout   string    `json:"timeout"`
}

type isolation struct {
	Mode       string   `json:"mode"`
	Conflict   []string `json:"conflict"`
	Taint      []string `json:"taint"`
	Toleration []string `json:"toleration"`
}

type selector struct {
	Include string `json:"include"`
	Exclude string `json:"exclude"`
}

type result struct {
	Name      string `json:"name"`
	Lifecycle string `json:"lifecycle"`
	Duration  int64  `json:"duration"`
	StartTime moment `json:"startTime"`
	EndTime   moment `json:"endTime"`
	Result    string `json:"result"`
	Output    string `json:"output"`
	Error     string `json:"error"`
	Details   []struct {
		Name  string `json:"name"`
		Value any    `json:"value"`
	} `json:"details"`
}

type moment struct{ time.Time }

func (m *moment) UnmarshalJSON(text []byte) error {
	parsed, err := time.Parse(`"2006-01-02 15:04:05.000000 UTC"`, string(text))
	m.Time = parsed
	return err
}

// Flags, by the names of the variables.
type environment struct {
	APIGroups            []string          `json:"apiGroups"`
	Architecture         string            `json:"architecture"`
	ExternalConnectivity string            `json:"externalConnectivity"`
	Facts                map[string]string `json:"facts"`
	FeatureGates         []string          `json:"featureGates"`
	Network              string            `json:"network"`
	NetworkStack         string            `json:"networkStack"`
	OptionalCapabilities []string          `json:"optionalCapabilities"`
	Platform             string            `json:"platform"`
	Topology             string            `json:"topology"`
	Upgrade              string            `json:"upgrade"`
	Version              string            `json:"version"`
}

func (e environment) variables() map[string]any {
	keys := []string{}
	for key := range e.Facts {
		keys = append(keys, key)
	}
	return map[string]any{
		"apiGroups": e.APIGroups, "architecture": e.Architecture, "externalConnectivity": e.ExternalConnectivity,
		"fact_keys": keys, "facts": e.Facts, "featureGates": e.FeatureGates, "network": e.Network,
		"networkStack": e.NetworkStack, "optionalCapabilities": e.OptionalCapabilities, "platform": e.Platform,
		"topology": e.Topology, "upgrade": e.Upgrade, "version": e.Version,
	}
}

func (s spec) variables() map[string]any {
	labels := []string{}
	for label := range s.Labels {
		labels = append(labels, label)
	}
	return map[string]any{
		"source": s.Source, "name": s.Name, "originalName": s.OriginalName, "labels": labels,
		"codeLocations": s.CodeLocations, "tags": s.Tags,
	}
}

// Whether an expression holds. Each variable has the type of its value.
func holds(expression string, variables map[string]any) (bool, error) {
	var options []cel.EnvOption
	for name, value := range variables {
		kind := cel.StringType
		switch value.(type) {
		case []string:
			kind = cel.ListType(cel.StringType)
		case map[string]string:
			kind = cel.MapType(cel.StringType, cel.StringType)
		}
		options = append(options, cel.Variable(name, kind))
	}
	env, err := cel.NewEnv(options...)
	if err != nil {
		return false, err
	}
	ast, issues := env.Compile(expression)
	if issues.Err() != nil {
		return false, fmt.Errorf("%s: %w", expression, issues.Err())
	}
	program, err := env.Program(ast)
	if err != nil {
		return false, err
	}
	value, _, err := program.Eval(variables)
	if err != nil {
		return false, fmt.Errorf("%s: %w", expression, err)
	}
	is, ok := value.Value().(bool)
	if !ok {
		return false, fmt.Errorf("%s: is %v, neither true nor false", expression, value)
	}
	return is, nil
}

// A test is in a suite if one of the qualifiers holds.
func (s suite) has(test spec) (bool, error) {
	for _, qualifier := range s.Qualifiers {
		if is, err := holds(qualifier, test.variables()); is || err != nil {
			return is, err
		}
	}
	return len(s.Qualifiers) == 0, nil
}

// An exclusion goes first; without an inclusion, everything is included.
func (e environment) has(test spec) (bool, error) {
	if exclude := test.EnvironmentSelector.Exclude; exclude != "" {
		if is, err := holds(exclude, e.variables()); is || err != nil {
			return false, err
		}
	}
	if include := test.EnvironmentSelector.Include; include != "" {
		return holds(include, e.variables())
	}
	return true, nil
}

func choose(tests []spec, has func(spec) (bool, error)) ([]string, error) {
	chosen := []string{}
	for _, test := range tests {
		is, err := has(test)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", test.Name, err)
		}
		if is {
			chosen = append(chosen, test.Name)
		}
	}
	return chosen, nil
}

func (r request) check() error {
	for _, test := range r.Tests {
		if test.Lifecycle != "blocking" && test.Lifecycle != "informing" || test.Name == "" || test.Labels == nil {
			return fmt.Errorf("not a test: %+v", test)
		}
	}
	for _, result := range r.Results {
		known := result.Result == "passed" || result.Result == "skipped" || result.Result == "failed"
		if !known || result.Name == "" || result.StartTime.IsZero() || result.EndTime.Before(result.StartTime.Time) {
			return fmt.Errorf("not a result: %+v", result)
		}
	}
	return nil
}

func run() error {
	var asked request
	decoder := json.NewDecoder(os.Stdin)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&asked); err != nil {
		return err
	}
	if err := asked.check(); err != nil {
		return err
	}
	told := answer{Suites: map[string][]string{}, Environments: [][]string{}}
	for _, suite := range asked.Info.Suites {
		chosen, err := choose(asked.Tests, suite.has)
		if err != nil {
			return err
		}
		told.Suites[suite.Name] = chosen
	}
	for _, environment := range asked.Environments {
		chosen, err := choose(asked.Tests, environment.has)
		if err != nil {
			return err
		}
		told.Environments = append(told.Environments, chosen)
	}
	var out bytes.Buffer
	if err := json.NewEncoder(&out).Encode(told); err != nil {
		return err
	}
	_, err := os.Stdout.Write(out.Bytes())
	return err
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
