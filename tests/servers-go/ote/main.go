package main

import _ "github.com/google/cel-go/cel"

func main() {}
