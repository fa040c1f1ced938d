// The official Go client; ../README.md has the contract.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const modern = "2026-07-28"

// errCannotDo is for a mode that the SDK cannot do.
var errCannotDo = errors.New("this SDK cannot do that")

type cell struct {
	InFlight int     `json:"in_flight"`
	Bytes    int     `json:"bytes"`
	Calls    int     `json:"calls"`
	CPU      float64 `json:"cpu_us"`
	Wall     float64 `json:"wall_us"`
	P50      float64 `json:"p50_us"`
	P99      float64 `json:"p99_us"`
	P999     float64 `json:"p999_us"`
	RSS      int     `json:"rss_kb"`
}

type fleet struct {
	Servers int     `json:"servers"`
	Ms      float64 `json:"ms"`
	CPUMs   float64 `json:"cpu_ms"`
	RSS     int     `json:"rss_kb"`
}

func textOf(number, bytes int) string {
	digits := strconv.Itoa(number)
	return digits + strings.Repeat("x", max(0, bytes-len(digits)))
}

func echo(ctx context.Context, session *mcp.ClientSession, text string) error {
	result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: "echo", Arguments: map[string]any{"text": text}})
	if err != nil {
		return err
	}
	if len(result.Content) > 0 {
		if content, ok := result.Content[0].(*mcp.TextContent); ok && content.Text == text {
			return nil
		}
	}
	return errors.New("the answer is not the text that was sent")
}

func peakRSS() int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	kb, _ := strconv.Atoi(strings.Fields(after)[0])
	return kb
}

func cpuTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// calls makes the calls numbered from first to below end, by so many callers at a time, and gives the time of each.
func calls(ctx context.Context, session *mcp.ClientSession, c cell, first, end int) ([]time.Duration, error) {
	times := make([]time.Duration, end-first)
	failures := make(chan error, c.InFlight)
	var next atomic.Int64
	next.Store(int64(first))
	var callers sync.WaitGroup
	for range c.InFlight {
		callers.Go(func() {
			for mine := int(next.Add(1)) - 1; mine < end; mine = int(next.Add(1)) - 1 {
				start := time.Now()
				if err := echo(ctx, session, textOf(mine, c.Bytes)); err != nil {
					failures <- err
					return
				}
				times[mine-first] = time.Since(start)
			}
		})
	}
	callers.Wait()
	select {
	case err := <-failures:
		return nil, err
	default:
		return times, nil
	}
}

func microseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

func measure(ctx context.Context, session *mcp.ClientSession, c cell) (cell, error) {
	warm := max(1, min(c.Calls/4, 2000))
	if _, err := calls(ctx, session, c, 0, warm); err != nil {
		return c, err
	}
	cpu, start := cpuTime(), time.Now()
	times, err := calls(ctx, session, c, warm, warm+c.Calls)
	if err != nil {
		return c, err
	}
	wall, used := time.Since(start), cpuTime()-cpu
	slices.Sort(times)
	quantile := func(part float64) float64 {
		return microseconds(times[max(0, int(math.Ceil(part*float64(len(times))))-1)])
	}
	c.CPU, c.Wall = microseconds(used)/float64(c.Calls), microseconds(wall)/float64(c.Calls)
	c.P50, c.P99, c.P999, c.RSS = quantile(0.5), quantile(0.99), quantile(0.999), peakRSS()
	return c, nil
}

func parseCells(list string) (cells []cell, err error) {
	for text := range strings.SplitSeq(list, ",") {
		var c cell
		if _, err := fmt.Sscanf(text, "%d:%d:%d", &c.InFlight, &c.Bytes, &c.Calls); err != nil {
			return nil, err
		}
		cells = append(cells, c)
	}
	return cells, nil
}

func newClient() *mcp.Client {
	return mcp.NewClient(&mcp.Implementation{Name: "bench", Version: "1.0.0"}, nil)
}

func connectStdio(ctx context.Context, command []string) (*mcp.ClientSession, error) {
	return newClient().Connect(ctx, &mcp.CommandTransport{Command: exec.Command(command[0], command[1:]...)}, nil)
}

func connectHTTP(ctx context.Context, url, version string) (*mcp.ClientSession, error) {
	transport := &mcp.StreamableClientTransport{Endpoint: url}
	session, err := newClient().Connect(ctx, transport, &mcp.ClientSessionOptions{ProtocolVersion: version})
	if err == nil && session.InitializeResult().ProtocolVersion != version {
		return nil, fmt.Errorf("%w: %s was agreed on", errCannotDo, session.InitializeResult().ProtocolVersion)
	}
	return session, err
}

func runCells(ctx context.Context, session *mcp.ClientSession, cells []cell) error {
	if err := echo(ctx, session, textOf(0, 100)); err != nil {
		return err
	}
	fmt.Println("first")
	for _, c := range cells {
		measured, err := measure(ctx, session, c)
		if err != nil {
			return err
		}
		if err := json.NewEncoder(os.Stdout).Encode(measured); err != nil {
			return err
		}
	}
	return session.Close()
}

// forEach runs the work for 0 to below count at the same time, and gives the first failure.
func forEach(count int, work func(int) error) error {
	failures := make(chan error, count)
	for i := range count {
		go func() { failures <- work(i) }()
	}
	var first error
	for range count {
		if err := <-failures; first == nil {
			first = err
		}
	}
	return first
}

func runFleet(ctx context.Context, counts string, command []string) error {
	for text := range strings.SplitSeq(counts, ",") {
		count, err := strconv.Atoi(text)
		if err != nil {
			return err
		}
		sessions := make([]*mcp.ClientSession, count)
		cpu, start := cpuTime(), time.Now()
		err = forEach(count, func(i int) error {
			session, err := connectStdio(ctx, command)
			if err != nil {
				return err
			}
			sessions[i] = session
			tools, err := session.ListTools(ctx, nil)
			if err == nil && len(tools.Tools) == 0 {
				err = errors.New("a server without tools")
			}
			return err
		})
		if err != nil {
			return err
		}
		ms, cpuMs := microseconds(time.Since(start))/1000, microseconds(cpuTime()-cpu)/1000
		if err := json.NewEncoder(os.Stdout).Encode(fleet{count, ms, cpuMs, peakRSS()}); err != nil {
			return err
		}
		if err := forEach(count, func(i int) error { return sessions[i].Close() }); err != nil {
			return err
		}
	}
	return nil
}

func run(ctx context.Context, args []string) error {
	if len(args) < 3 {
		return errors.New("arguments are missing")
	}
	mode, list, rest := args[0], args[1], args[2:]
	if rest[0] == "--" {
		rest = rest[1:]
	}
	if mode == "fleet" {
		return runFleet(ctx, list, rest)
	}
	cells, err := parseCells(list)
	if err != nil {
		return err
	}
	var session *mcp.ClientSession
	switch mode {
	case "stdio":
		session, err = connectStdio(ctx, rest)
	case "http-legacy":
		session, err = connectHTTP(ctx, rest[0], "2025-11-25")
	case "http-modern":
		session, err = connectHTTP(ctx, rest[0], modern)
	default:
		return errCannotDo
	}
	if err != nil {
		return err
	}
	return runCells(ctx, session, cells)
}

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		if errors.Is(err, errCannotDo) {
			os.Exit(3)
		}
		os.Exit(1)
	}
}
