"""Times cold runs of several programs that print the same objects; see run.sh.

Wall time and CPU come from wait4 over interleaved runs. Peak memory is read from /proc while the program waits on a
full pipe: what wait4 says about memory is never below that of the Python process that started the program.
"""
import csv, fcntl, json, os, re, shutil, statistics, subprocess, sys, tempfile, time
import yaml

RUNS, WARM_UPS = int(os.environ.get("RUNS", "30")), 3
QUIET = [(os.POSIX_SPAWN_OPEN, n, "/dev/null", os.O_RDWR, 0) for n in (0, 1, 2)]
binary, scenario, results = sys.argv[1:]
RENDER = [binary, "render", "--quiet", "-f", f"{scenario}/input.yaml", "--env-file", f"{scenario}/env.yaml"]
os.makedirs(results, exist_ok=True)
work = tempfile.mkdtemp()
os.environ["HOME"] = os.environ["HELM_DATA_HOME"] = work
os.environ.pop("KUBECONFIG", None)


def write(path, text):
    os.makedirs(os.path.dirname(f"{work}/{path}"), exist_ok=True)
    with open(f"{work}/{path}", "w") as file:
        file.write(text)


def objects(text):
    docs = [d for d in yaml.safe_load_all(text) if d]
    return sorted(docs, key=lambda d: (d["apiVersion"], d["kind"], d["metadata"].get("namespace", ""), d["metadata"]["name"]))


def timed(argv):
    start = time.perf_counter()
    pid = os.posix_spawn(argv[0], argv, os.environ, file_actions=QUIET)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    if status:
        raise SystemExit(f"{argv}: wait status {status}")
    return wall * 1e3, (usage.ru_utime + usage.ru_stime) * 1e3


def peak_megabytes(argv):
    reader, writer = os.pipe()
    size = fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    os.write(writer, b"\n" * size)
    child = subprocess.Popen(argv, stdout=writer, stderr=subprocess.DEVNULL)
    time.sleep(2)
    with open(f"/proc/{child.pid}/status") as status:
        peak = re.search(r"VmHWM:\s+(\d+) kB", status.read())
    child.kill()
    child.wait()
    os.close(reader), os.close(writer)
    return int(peak[1]) * 1024 / 1e6 if peak else float("nan")


def instructions(argv):
    """Millions of instructions, or None where valgrind is missing or cannot run the program."""
    if not shutil.which("valgrind"):
        return None
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *argv]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        return None
    count = re.search(r"refs:\s+([\d,]+)", run.stderr)
    return int(count[1].replace(",", "")) / 1e6 if run.returncode == 0 and count else None


def contenders(docs):
    """(name, command, whether it prints the objects). The rest shows what starting up costs."""
    one = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: nothing}\n"
    for number, doc in enumerate(docs):
        text = yaml.safe_dump(doc)
        write(f"full/{number:02}.yaml", text)
        # Helm would take braces in a value for a template.
        write(f"chart/templates/{number:02}.yaml", text.replace("{{", '{{ "{{" }}'))
    write("full/kustomization.yaml", yaml.safe_dump({"resources": [f"{n:02}.yaml" for n in range(len(docs))]}))
    write("empty/nothing.yaml", one)
    write("empty/kustomization.yaml", "resources: [nothing.yaml]\n")
    for chart in ("chart", "none"):
        write(f"{chart}/Chart.yaml", "apiVersion: v2\nname: registry\nversion: 0.1.0\n")
    write("none/templates/nothing.yaml", one)
    yield "render", RENDER, True
    yield "--version", [binary, "--version"], False
    write("full.jsonnet", json.dumps(docs, indent=1))
    write("empty.jsonnet", json.dumps([yaml.safe_load(one)]))
    for tool, verb, full, empty in (
        ("jsonnet", ["--yaml-stream"], "full.jsonnet", "empty.jsonnet"),
        ("kubectl", ["kustomize"], "full", "empty"),
        ("kustomize", ["build"], "full", "empty"),
        ("helm", ["template", "registry"], "chart", "none"),
    ):
        if path := shutil.which(tool):
            name = " ".join([tool, *(word for word in verb[:1] if word[0] != "-")])
            yield name, [path, *verb, f"{work}/{full}"], True
            yield f"{name}, one ConfigMap", [path, *verb, f"{work}/{empty}"], False


def main():
    want = objects(subprocess.run(RENDER, check=True, capture_output=True, text=True).stdout)
    commands = list(contenders(want))
    for name, argv, full in commands:
        run = subprocess.run(argv, capture_output=True, text=True)
        if full and (run.returncode or objects(run.stdout) != want):
            raise SystemExit(f"{name} does not print the same objects\n{run.stderr}")
        if not full and run.returncode:
            raise SystemExit(f"{name}: {run.stderr}")
    samples = {name: [] for name, _, _ in commands}
    for number in range(WARM_UPS + RUNS):
        for name, argv, _ in commands:
            sample = timed(argv)
            if number >= WARM_UPS:
                samples[name].append(sample)
    with open(f"{results}/cold-{os.path.basename(scenario)}.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["command", "run", "wall_ms", "cpu_ms"])
        rows.writerows([n, i, f"{w:.3f}", f"{c:.3f}"] for n, s in samples.items() for i, (w, c) in enumerate(s))
    print(f"{len(want)} objects, {RUNS} interleaved runs, load {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores\n")
    summary = [["command", "wall_ms", "wall_mad_ms", "wall_max_ms", "cpu_ms", "peak_mb", "million_instructions"]]
    print("| command | wall ms, median | MAD | max | CPU ms, median | peak MB | million instructions |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, argv, _ in commands:
        walls, cpus = zip(*samples[name])
        median = statistics.median(walls)
        mad = statistics.median(abs(wall - median) for wall in walls)
        count = instructions(argv)
        count = "–" if count is None else f"{count:.1f}"
        row = [name, f"{median:.1f}", f"{mad:.1f}", f"{max(walls):.1f}", f"{statistics.median(cpus):.1f}"]
        row += [f"{peak_megabytes(argv):.1f}", count]
        summary.append(row)
        print("|", " | ".join(row), "|", flush=True)
    with open(f"{results}/cold-{os.path.basename(scenario)}-summary.csv", "w", newline="") as file:
        csv.writer(file).writerows(summary)


try:
    main()
finally:
    shutil.rmtree(work)
