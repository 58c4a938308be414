// A worker in Go: it runs the workflow "checkout" of any program, one at a time; see docs/workers.md.
//
//	go mod init worker && go get github.com/jackc/pgx/v5/pgxpool
//	export DATABASE_URL=postgresql://localhost/shop     # where the engine is installed
//	go run worker.go
//	psql "$DATABASE_URL" -c "select perdure.enqueue('checkout', '{\"order\": 7}', workflow_id => 'order-7')"
//	psql "$DATABASE_URL" -c "select status, output from perdure.get_result('order-7')"
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

type recorded struct {
	Step      int             `json:"step"`
	Name      string          `json:"name"`
	Output    json.RawMessage `json:"output"`
	Completed bool            `json:"completed"`
}

type run struct {
	db         *pgxpool.Pool
	key, token int64
	next       int
	recorded   map[int]recorded
}

// A write was refused, because another worker owns the workflow now, or its answer was lost: this run is not
// ended here, neither with a result nor with an error.
var errStop = errors.New("not run on here")

// step returns what is recorded, or runs the code and records what it returns.
func (r *run) step(ctx context.Context, name string, code func() (any, error)) (json.RawMessage, error) {
	r.next++
	if found, ok := r.recorded[r.next]; ok && found.Completed {
		if found.Name != name {
			return nil, fmt.Errorf("step %d is recorded as %q, not as %q", r.next, found.Name, name)
		}
		return found.Output, nil
	}
	value, err := code()
	if err != nil {
		return nil, err
	}
	output, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	_, err = r.db.Exec(ctx, "select perdure.record_step($1, $2, $3, $4, $5)", r.key, r.token, r.next, name, output)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", errStop, err)
	}
	return output, nil
}

func checkout(ctx context.Context, r *run, input json.RawMessage) (any, error) {
	payment, err := r.step(ctx, "charge", func() (any, error) { return "payment", nil })
	if err != nil {
		return nil, err
	}
	return map[string]any{"order": input, "payment": payment}, nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	db, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	var me int64
	err = db.QueryRow(ctx, "select perdure.register_executor('go', '30 s', workflows => '{checkout}')").Scan(&me)
	if err != nil {
		log.Fatal(err)
	}
	// What still runs goes back to its queue.
	defer db.Exec(context.Background(), "select perdure.deregister_executor($1)", me)
	go func() {
		for ctx.Err() == nil {
			pause := time.Second
			var renewIn *float64
			const renew = "select extract(epoch from renew_in)::float8 from perdure.heartbeat($1)"
			if err := db.QueryRow(ctx, renew, me).Scan(&renewIn); err == nil {
				if renewIn == nil {
					log.Fatal("the lease was lost")
				}
				pause = time.Duration(*renewIn * float64(time.Second))
			}
			db.Exec(ctx, "select perdure.run_maintenance()")
			time.Sleep(pause)
		}
	}()
	for ctx.Err() == nil {
		if !work(ctx, db, me) {
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
}

// work claims one workflow and runs it; false: there was none.
func work(ctx context.Context, db *pgxpool.Pool, me int64) bool {
	r := run{db: db, recorded: map[int]recorded{}}
	var name string
	var input, steps json.RawMessage
	err := db.QueryRow(ctx, "select workflow_key, token, workflow, input, steps from perdure.claim($1)", me).
		Scan(&r.key, &r.token, &name, &input, &steps)
	if err != nil {
		return false
	}
	if name != "checkout" {
		db.Exec(ctx, "select perdure.release($1, $2, to_others => true)", r.key, r.token)
		return true
	}
	var before []recorded
	if steps != nil {
		if err := json.Unmarshal(steps, &before); err != nil {
			log.Fatal(err)
		}
	}
	for _, found := range before {
		r.recorded[found.Step] = found
	}
	value, err := checkout(ctx, &r, input)
	var output, failure []byte
	if err == nil {
		output, err = json.Marshal(value)
	}
	if err != nil && !errors.Is(err, errStop) {
		failure, _ = json.Marshal(map[string]string{"name": "Error", "message": err.Error()})
		err = nil
	}
	if err == nil {
		_, err = db.Exec(ctx, "select perdure.finish($1, $2, $3, $4)", r.key, r.token, output, failure)
	}
	log.Printf("%s %d: output %s, error %s, %v", name, r.key, output, failure, err)
	if err != nil {
		// Nothing runs here now: what the database thinks does goes back to its queue.
		db.Exec(ctx, "select perdure.reconcile($1, '{}')", me)
	}
	return err == nil
}
