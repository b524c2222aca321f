// SPDX-License-Identifier: Apache-2.0
//
// Command sequencer: runs a job. It fetches the stream, checks every command in
// stream order (docs/isa.md, "Checks and faults"), queues it for its engine, and
// hands it over when its tokens are there. Engines in order: load, store, matrix,
// vector; bit i of every 4-bit port is engine i.
//
// start_i begins a job; fetching starts at once, dispatching when the scrubbers
// have finished, if they had to run: the memories are zeroed when the job's ASID
// is not that of the last job and they have not been zeroed since. force_scrub_i
// scrubs as soon as no job runs.
//
// fetch_i asks for the stream of the next job ahead of its start: at once if no job
// runs, else when the running one has met END and only waits for its engines. The
// commands stay in the fetch unit until start_i, which comes with the same stream.
// They are lost if the running job ends in another way, and drop_i discards them.
// fetch_busy_o: the fetch unit has translations or reads under way.
//
// The job ends with a pulse on end_o, when END, an obeyed YIELD, a fault or an
// abort has been met and then all engines, scrubbers and its fetch are idle, so
// that nothing of the job touches bus or scratchpad any more. end_index_o: the
// faulting command; PREEMPTED: the command to resume at; DONE: the command after END.
//
// Timing: a command is checked in the cycle after it has been assembled, queued in
// the next, and offered to an idle engine two cycles later. Tokens given by a
// command are seen in the cycle after done; one command may take tokens a cycle.
//
// Tokens that several engines wait for are given out in stream order only (see
// quern_tokens): otherwise a younger command could take what an older one of
// another engine needs, and the two could wait for each other for ever.
//
// Rejected: one common queue with issue out of order (an engine executes in order
// anyway); checking the tokens of a command at issue only (a bad stream would hang).
module quern_seq #(
  parameter int unsigned N = 16
) (
  input  logic         clk_i,
  input  logic         rst_ni,

  input  logic         start_i,
  input  logic         fetch_i,
  input  logic         drop_i,
  input  logic [3:0]   asid_i,
  input  logic [39:0]  stream_i,
  input  logic [22:0]  ncmds_i,
  input  logic [22:0]  first_i,
  input  logic         abort_i,
  input  logic         preempt_i,
  input  logic         force_scrub_i,
  output logic         running_o,
  output logic         fetch_busy_o,
  output logic         stir_o,         // needs its clock: something in here moves, or follows from what has
  output logic         end_o,
  output logic [3:0]   end_state_o,    // enum job_state
  output logic [7:0]   end_fault_o,
  output logic [3:0]   end_unit_o,
  output logic [23:0]  end_index_o,
  output logic [39:0]  end_addr_o,
  output logic [23:0]  dispatched_o,   // index of the command to be dispatched next
  output logic         scrub_o,
  input  logic         scrub_busy_i,

  output logic         tr_valid_o,
  output logic [39:0]  tr_vaddr_o,
  output logic         tr_write_o,
  input  logic         tr_done_i,
  input  logic [55:0]  tr_paddr_i,
  input  logic [7:0]   tr_fault_i,

  output logic         ar_valid_o,
  output logic [55:0]  ar_addr_o,
  output logic [7:0]   ar_len_o,
  input  logic         ar_ready_i,
  input  logic         r_valid_i,
  input  logic [127:0] r_data_i,
  input  logic         r_err_i,

  output logic         ld_cmd_valid_o,
  output logic [511:0] ld_cmd_o,
  output logic [23:0]  ld_cmd_index_o,
  input  logic         ld_cmd_ready_i,
  input  logic         ld_done_i,
  input  logic         ld_fault_i,
  input  logic [7:0]   ld_fault_kind_i,
  input  logic [39:0]  ld_fault_addr_i,
  input  logic [23:0]  ld_fault_index_i,
  input  logic         ld_idle_i,

  output logic         st_cmd_valid_o,
  output logic [511:0] st_cmd_o,
  output logic [23:0]  st_cmd_index_o,
  input  logic         st_cmd_ready_i,
  input  logic         st_done_i,
  input  logic         st_fault_i,
  input  logic [7:0]   st_fault_kind_i,
  input  logic [39:0]  st_fault_addr_i,
  input  logic [23:0]  st_fault_index_i,
  input  logic         st_idle_i,

  output logic         mx_cmd_valid_o,
  output logic [511:0] mx_cmd_o,
  output logic [23:0]  mx_cmd_index_o,
  input  logic         mx_cmd_ready_i,
  input  logic         mx_done_i,
  input  logic         mx_fault_i,
  input  logic [7:0]   mx_fault_kind_i,
  input  logic [39:0]  mx_fault_addr_i,
  input  logic [23:0]  mx_fault_index_i,
  input  logic         mx_idle_i,

  output logic         ve_cmd_valid_o,
  output logic [511:0] ve_cmd_o,
  output logic [23:0]  ve_cmd_index_o,
  input  logic         ve_cmd_ready_i,
  input  logic         ve_done_i,
  input  logic         ve_fault_i,
  input  logic [7:0]   ve_fault_kind_i,
  input  logic [39:0]  ve_fault_addr_i,
  input  logic [23:0]  ve_fault_index_i,
  input  logic         ve_idle_i,

  output logic         flush_o,

  // Events for counters and trace
  output logic         ev_dispatch_o,
  output logic         ev_yield_o,
  output logic         ev_scrub_o,
  output logic         ev_stall_fetch_o,
  output logic         ev_stall_queue_o,
  output logic [3:0]   ev_stall_token_o,
  output logic [3:0]   ev_start_o,
  output logic [95:0]  ev_start_index_o,
  output logic [3:0]   ev_end_o,
  output logic [95:0]  ev_end_index_o
);

  localparam logic [1:0] ST_IDLE = 2'd0;
  localparam logic [1:0] ST_RUN  = 2'd1;
  localparam logic [1:0] ST_STOP = 2'd2;   // waits until all is idle

  logic [1:0]   state_q;
  logic         run;

  assign run       = state_q == ST_RUN;
  assign running_o = state_q != ST_IDLE;
  assign flush_o   = state_q == ST_STOP;

  // ------------------------------------------------------------------
  // Scrubbing
  // ------------------------------------------------------------------
  logic       scrub_q;          // pulse to the scrubbers
  logic       scrub_wanted_q;   // asked for while a job was running
  logic       clean_q;          // zeroed, and no job since
  logic       owned_q;
  logic [3:0] owner_q;
  logic       scrubbing, asid_bad;

  assign asid_bad  = asid_i == 4'd0;
  assign scrub_o   = scrub_q;
  assign scrubbing = scrub_q || scrub_busy_i;

  always_ff @(posedge clk_i) begin : scrub
    if (!rst_ni) begin
      scrub_q        <= 1'b0;
      scrub_wanted_q <= 1'b0;
      clean_q        <= 1'b0;
      owned_q        <= 1'b0;
    end else begin
      if (scrub_q)
        scrub_q <= 1'b0;
      if (start_i && !asid_bad) begin
        scrub_q <= !clean_q && !(owned_q && owner_q == asid_i) && !scrubbing;
        clean_q <= 1'b0;
        owned_q <= 1'b1;
        owner_q <= asid_i;
      end else if ((force_scrub_i || scrub_wanted_q) && !running_o && !start_i && !scrubbing) begin
        scrub_q <= 1'b1;
        clean_q <= 1'b1;
      end
      if (force_scrub_i || scrub_wanted_q)
        scrub_wanted_q <= running_o || start_i || scrubbing;
    end
  end

  // ------------------------------------------------------------------
  // The next job's stream
  // ------------------------------------------------------------------
  logic        want_q;      // is to be fetched ahead
  logic        ahead_q;     // what the fetch unit holds is the next job's
  logic        drop_q;      // the fetch unit stops
  logic        launch_q;    // a job has started and waits for the fetch unit
  logic        ending_q;    // END has left the fetch unit, the job goes on
  logic [39:0] stream_q;    // of that job: the registers may show the next one already
  logic [22:0] ncmds_q, first_q;
  logic        fetch_start, fetch_ahead, fetch_stop, fetch_idle, start_here;
  logic        any_fault, end_taken, yield_now;

  assign start_here   = start_i && !asid_bad;
  assign fetch_ahead  = want_q && fetch_idle && !ahead_q && !drop_q && !drop_i && !start_i && (!running_o || ending_q);
  assign fetch_start  = fetch_ahead || ((start_here && !ahead_q || launch_q) && fetch_idle && !drop_q && !fetch_stop);
  assign fetch_stop   = (flush_o && !ahead_q) || drop_q;
  assign fetch_busy_o = !fetch_idle;

  always_ff @(posedge clk_i) begin : started
    if (start_here) begin
      stream_q <= stream_i;
      ncmds_q  <= ncmds_i;
      first_q  <= first_i;
    end
  end

  always_ff @(posedge clk_i) begin : next_job
    if (!rst_ni) begin
      want_q   <= 1'b0;
      ahead_q  <= 1'b0;
      drop_q   <= 1'b0;
      launch_q <= 1'b0;
    end else begin
      if (fetch_i)
        want_q <= 1'b1;
      if (fetch_ahead) begin
        want_q  <= 1'b0;
        ahead_q <= 1'b1;
      end
      if (drop_q && fetch_idle)
        drop_q <= 1'b0;
      // What is fetched ahead is for the next start, unless it is dropped or the job before it fails.
      if (start_here) begin
        want_q   <= 1'b0;
        ahead_q  <= 1'b0;
        launch_q <= !ahead_q && !fetch_start;
      end else if (drop_i || any_fault || (yield_now && preempt_i) || start_i) begin
        want_q  <= 1'b0;
        ahead_q <= 1'b0;
        if (ahead_q || fetch_ahead)
          drop_q <= 1'b1;
      end
      if (launch_q && (fetch_start || flush_o))
        launch_q <= 1'b0;
    end
  end

  // ------------------------------------------------------------------
  // Fetch and check
  // ------------------------------------------------------------------
  logic         valid, taken, stream_end, fetch_fault;
  logic [511:0] cmd;
  logic [23:0]  index;
  logic [7:0]   fetch_kind;
  logic [39:0]  fetch_addr;

  quern_seq_fetch u_fetch (
    .clk_i,
    .rst_ni,
    .start_i     (fetch_start),
    .stream_i    (launch_q ? stream_q : stream_i),
    .first_i     (launch_q ? first_q : first_i),
    .ncmds_i     (launch_q ? ncmds_q : ncmds_i),
    .stop_i      (fetch_stop),
    .idle_o      (fetch_idle),
    .tr_valid_o,
    .tr_vaddr_o,
    .tr_done_i,
    .tr_paddr_i,
    .tr_fault_i,
    .ar_valid_o,
    .ar_addr_o,
    .ar_len_o,
    .ar_ready_i,
    .r_valid_i,
    .r_data_i,
    .r_err_i,
    .valid_o     (valid),
    .cmd_o       (cmd),
    .index_o     (index),
    .take_i      (taken),
    .end_o       (stream_end),
    .fault_o     (fetch_fault),
    .fault_kind_o(fetch_kind),
    .fault_addr_o(fetch_addr)
  );
  assign tr_write_o   = 1'b0;
  assign dispatched_o = ending_q ? end_index_o : index;

  logic        checked_q;   // the command offered has been checked; verdict below
  logic [7:0]  kind_q;
  logic [2:0]  unit_q;
  logic        check, check_engine, check_good, tokens_bad;
  logic [7:0]  check_kind;
  logic [2:0]  check_unit;

  assign check = run && valid && !checked_q && !ending_q;

  always_comb begin : verdict
    check_kind   = quern_pkg::FAULT_NONE;
    check_unit   = 3'(quern_pkg::UNIT_SEQ);
    check_engine = 1'b0;
    if (check) begin
      check_kind   = quern_pkg::cmd_check(cmd, 8'(N - 1));
      check_unit   = quern_pkg::cmd_unit(cmd[7:0]);
      check_engine = check_unit != 3'(quern_pkg::UNIT_SEQ);
      if (check_kind == quern_pkg::FAULT_NONE && check_engine && tokens_bad)
        check_kind = quern_pkg::FAULT_TOKEN;
    end
  end
  assign check_good = check_kind == quern_pkg::FAULT_NONE;

  // ------------------------------------------------------------------
  // Dispatch
  // ------------------------------------------------------------------
  logic [3:0]  push, full, ask, head, grant, empty, held, idle;
  logic        go;          // a good command stands to be dispatched
  logic        quiet;       // no engine has or will get anything
  logic [1:0]  engine;
  logic        to_engine, barrier, is_end;

  assign idle      = {ve_idle_i, mx_idle_i, st_idle_i, ld_idle_i};
  assign go        = run && checked_q && kind_q == quern_pkg::FAULT_NONE && !scrubbing;
  assign quiet     = (&empty) && (&idle) && held == 4'd0;
  assign to_engine = unit_q != 3'(quern_pkg::UNIT_SEQ);
  assign engine    = 2'(unit_q - 3'd1);
  assign barrier   = cmd[7:0] != quern_pkg::OP_NOP;
  assign is_end    = cmd[7:0] == quern_pkg::OP_END && !to_engine;
  assign taken     = go && (to_engine ? !full[engine] : !barrier || is_end || quiet);
  assign yield_now = taken && cmd[7:0] == quern_pkg::OP_YIELD && !to_engine;
  assign end_taken = taken && is_end;
  assign push      = taken && to_engine ? 4'd1 << engine : 4'd0;

  always_ff @(posedge clk_i) begin : checking
    if (!rst_ni || !run)
      checked_q <= 1'b0;
    else if (check) begin
      checked_q <= 1'b1;
      kind_q    <= check_kind;
      unit_q    <= check_unit;
    end else if (taken)
      checked_q <= 1'b0;
  end

  // ------------------------------------------------------------------
  // Queues, tokens and issue
  // ------------------------------------------------------------------
  logic [31:0]  wait0, wait1, wait2, wait3, avail, shared, take_mask;
  logic [127:0] give_mask;
  logic [3:0]   have;       // the tokens of the head are there
  logic [3:0]   oldest;     // the head is older than all that is queued elsewhere

  quern_seq_queue u_load (
    .clk_i,
    .rst_ni,
    .clear_i     (flush_o),
    .push_i      (push[0]),
    .cmd_i       (cmd),
    .index_i     (index),
    .full_o      (full[0]),
    .ask_o       (ask[0]),
    .wait_o      (wait0),
    .head_o      (head[0]),
    .head_index_o(ld_cmd_index_o),
    .grant_i     (grant[0]),
    .empty_o     (empty[0]),
    .held_o      (held[0]),
    .cmd_valid_o (ld_cmd_valid_o),
    .cmd_o       (ld_cmd_o),
    .accept_o    (ev_start_o[0]),
    .cmd_ready_i (ld_cmd_ready_i),
    .done_i      (ld_done_i),
    .signal_o    (give_mask[0 +: 32]),
    .done_index_o(ev_end_index_o[0 +: 24])
  );

  quern_seq_queue u_store (
    .clk_i,
    .rst_ni,
    .clear_i     (flush_o),
    .push_i      (push[1]),
    .cmd_i       (cmd),
    .index_i     (index),
    .full_o      (full[1]),
    .ask_o       (ask[1]),
    .wait_o      (wait1),
    .head_o      (head[1]),
    .head_index_o(st_cmd_index_o),
    .grant_i     (grant[1]),
    .empty_o     (empty[1]),
    .held_o      (held[1]),
    .cmd_valid_o (st_cmd_valid_o),
    .cmd_o       (st_cmd_o),
    .accept_o    (ev_start_o[1]),
    .cmd_ready_i (st_cmd_ready_i),
    .done_i      (st_done_i),
    .signal_o    (give_mask[32 +: 32]),
    .done_index_o(ev_end_index_o[24 +: 24])
  );

  quern_seq_queue u_matrix (
    .clk_i,
    .rst_ni,
    .clear_i     (flush_o),
    .push_i      (push[2]),
    .cmd_i       (cmd),
    .index_i     (index),
    .full_o      (full[2]),
    .ask_o       (ask[2]),
    .wait_o      (wait2),
    .head_o      (head[2]),
    .head_index_o(mx_cmd_index_o),
    .grant_i     (grant[2]),
    .empty_o     (empty[2]),
    .held_o      (held[2]),
    .cmd_valid_o (mx_cmd_valid_o),
    .cmd_o       (mx_cmd_o),
    .accept_o    (ev_start_o[2]),
    .cmd_ready_i (mx_cmd_ready_i),
    .done_i      (mx_done_i),
    .signal_o    (give_mask[64 +: 32]),
    .done_index_o(ev_end_index_o[48 +: 24])
  );

  quern_seq_queue u_vector (
    .clk_i,
    .rst_ni,
    .clear_i     (flush_o),
    .push_i      (push[3]),
    .cmd_i       (cmd),
    .index_i     (index),
    .full_o      (full[3]),
    .ask_o       (ask[3]),
    .wait_o      (wait3),
    .head_o      (head[3]),
    .head_index_o(ve_cmd_index_o),
    .grant_i     (grant[3]),
    .empty_o     (empty[3]),
    .held_o      (held[3]),
    .cmd_valid_o (ve_cmd_valid_o),
    .cmd_o       (ve_cmd_o),
    .accept_o    (ev_start_o[3]),
    .cmd_ready_i (ve_cmd_ready_i),
    .done_i      (ve_done_i),
    .signal_o    (give_mask[96 +: 32]),
    .done_index_o(ev_end_index_o[72 +: 24])
  );

  assign ev_start_index_o = {ve_cmd_index_o, mx_cmd_index_o, st_cmd_index_o, ld_cmd_index_o};
  assign ev_end_o         = flush_o ? 4'd0 : {ve_done_i, mx_done_i, st_done_i, ld_done_i};

  quern_tokens u_tokens (
    .clk_i,
    .rst_ni,
    .clear_i    (start_i || yield_now),
    .wait_i     (cmd[63:32]),
    .signal_i   (cmd[95:64]),
    .bad_o      (tokens_bad),
    .dispatch_i (check && check_engine && check_good),
    .engine_i   (2'(check_unit - 3'd1)),
    .avail_o    (avail),
    .shared_o   (shared),
    .take_i     (grant != 4'd0),
    .take_mask_i(take_mask),
    .give_i     (ev_end_o),
    .give_mask_i(give_mask)
  );

  // An engine whose queue is not empty but whose head is not yet known may have something older.
  function automatic logic behind(input logic other_empty, input logic other_head, input logic [23:0] other, input logic [23:0] mine);
    behind = other_empty || (other_head && other > mine);
  endfunction

  always_comb begin : issue
    have      = 4'd0;
    oldest    = 4'd0;
    grant     = 4'd0;
    take_mask = '0;
    if (ask != 4'd0) begin
      have[0] = (wait0 & ~avail) == 0;
      have[1] = (wait1 & ~avail) == 0;
      have[2] = (wait2 & ~avail) == 0;
      have[3] = (wait3 & ~avail) == 0;
      if (shared != 0) begin
        oldest[0] = behind(empty[1], head[1], st_cmd_index_o, ld_cmd_index_o) && behind(empty[2], head[2], mx_cmd_index_o, ld_cmd_index_o) &&
                    behind(empty[3], head[3], ve_cmd_index_o, ld_cmd_index_o);
        oldest[1] = behind(empty[0], head[0], ld_cmd_index_o, st_cmd_index_o) && behind(empty[2], head[2], mx_cmd_index_o, st_cmd_index_o) &&
                    behind(empty[3], head[3], ve_cmd_index_o, st_cmd_index_o);
        oldest[2] = behind(empty[0], head[0], ld_cmd_index_o, mx_cmd_index_o) && behind(empty[1], head[1], st_cmd_index_o, mx_cmd_index_o) &&
                    behind(empty[3], head[3], ve_cmd_index_o, mx_cmd_index_o);
        oldest[3] = behind(empty[0], head[0], ld_cmd_index_o, ve_cmd_index_o) && behind(empty[1], head[1], st_cmd_index_o, ve_cmd_index_o) &&
                    behind(empty[2], head[2], mx_cmd_index_o, ve_cmd_index_o);
        have[0] = have[0] && ((wait0 & shared) == 0 || oldest[0]);
        have[1] = have[1] && ((wait1 & shared) == 0 || oldest[1]);
        have[2] = have[2] && ((wait2 & shared) == 0 || oldest[2]);
        have[3] = have[3] && ((wait3 & shared) == 0 || oldest[3]);
      end
      // One grant a cycle, the engines that compute first.
      if (ask[2] && have[2]) begin
        grant     = 4'b0100;
        take_mask = wait2;
      end else if (ask[3] && have[3]) begin
        grant     = 4'b1000;
        take_mask = wait3;
      end else if (ask[1] && have[1]) begin
        grant     = 4'b0010;
        take_mask = wait1;
      end else if (ask[0] && have[0]) begin
        grant     = 4'b0001;
        take_mask = wait0;
      end
    end
  end

  // ------------------------------------------------------------------
  // Job control
  // ------------------------------------------------------------------
  logic        dispatch_fault;
  logic [7:0]  fault_kind;
  logic [3:0]  fault_unit;
  logic [23:0] fault_index;
  logic [39:0] fault_addr;
  logic [3:0]  result_q;

  assign dispatch_fault = checked_q && kind_q != quern_pkg::FAULT_NONE;

  // The fault that ends the job. Engines come first: what they report belongs to older commands.
  always_comb begin : faults
    any_fault   = 1'b0;
    fault_kind  = quern_pkg::FAULT_NONE;
    fault_unit  = 4'(quern_pkg::UNIT_SEQ);
    fault_index = dispatched_o;
    fault_addr  = '0;
    if (run && (ld_fault_i || st_fault_i || mx_fault_i || ve_fault_i || abort_i ||
                (!ending_q && (dispatch_fault || fetch_fault || stream_end)))) begin
      any_fault = 1'b1;
      if (ld_fault_i) begin
        fault_kind  = ld_fault_kind_i;
        fault_unit  = 4'(quern_pkg::UNIT_LOAD);
        fault_index = ld_fault_index_i;
        fault_addr  = ld_fault_addr_i;
      end else if (st_fault_i) begin
        fault_kind  = st_fault_kind_i;
        fault_unit  = 4'(quern_pkg::UNIT_STORE);
        fault_index = st_fault_index_i;
        fault_addr  = st_fault_addr_i;
      end else if (mx_fault_i) begin
        fault_kind  = mx_fault_kind_i;
        fault_unit  = 4'(quern_pkg::UNIT_MATRIX);
        fault_index = mx_fault_index_i;
        fault_addr  = mx_fault_addr_i;
      end else if (ve_fault_i) begin
        fault_kind  = ve_fault_kind_i;
        fault_unit  = 4'(quern_pkg::UNIT_VECTOR);
        fault_index = ve_fault_index_i;
        fault_addr  = ve_fault_addr_i;
      end else if (abort_i) begin
        fault_kind = quern_pkg::FAULT_ABORTED;
      end else if (dispatch_fault) begin
        fault_kind = kind_q;
      end else if (stream_end) begin
        fault_kind = quern_pkg::FAULT_STREAM_END;
      end else begin
        fault_kind = fetch_kind;
        fault_addr = fetch_kind == quern_pkg::FAULT_ASID ? '0 : fetch_addr;
      end
    end
  end

  logic all_idle;
  assign all_idle = (&idle) && (fetch_idle || ahead_q || drop_q) && !scrubbing;

  always_ff @(posedge clk_i) begin : control
    if (!rst_ni) begin
      state_q  <= ST_IDLE;
      end_o    <= 1'b0;
      ending_q <= 1'b0;
    end else begin
      if (end_o)
        end_o <= 1'b0;
      if (end_taken) begin
        ending_q    <= 1'b1;
        end_index_o <= index;
      end
      if (start_i && state_q == ST_IDLE) begin
        state_q     <= asid_bad ? ST_STOP : ST_RUN;
        result_q    <= 4'(quern_pkg::JOB_STATE_FAULT);
        end_fault_o <= quern_pkg::FAULT_ASID;
        end_unit_o  <= 4'(quern_pkg::UNIT_SEQ);
        end_index_o <= {1'b0, first_i};
        end_addr_o  <= '0;
      end else if (any_fault) begin
        state_q     <= ST_STOP;
        end_fault_o <= fault_kind;
        end_unit_o  <= fault_unit;
        end_index_o <= fault_index;
        end_addr_o  <= fault_addr;
      end else if (run && (ending_q || end_taken) && quiet) begin
        state_q     <= ST_STOP;
        result_q    <= 4'(quern_pkg::JOB_STATE_DONE);
        end_fault_o <= quern_pkg::FAULT_NONE;
        end_index_o <= dispatched_o + 24'd1;
      end else if (yield_now && preempt_i) begin
        state_q     <= ST_STOP;
        result_q    <= 4'(quern_pkg::JOB_STATE_PREEMPTED);
        end_fault_o <= quern_pkg::FAULT_NONE;
        end_index_o <= index + 24'd1;
      end else if (flush_o && all_idle) begin
        state_q  <= ST_IDLE;
        ending_q <= 1'b0;
        end_o    <= 1'b1;
      end
    end
  end
  assign end_state_o = result_q;

  // While commands wait for tokens, room or their engines, nothing changes until something is done or accepted.
  assign stir_o = start_i || fetch_i || drop_i || drop_q || launch_q || ending_q || fetch_ahead || abort_i || force_scrub_i ||
                  scrub_q || (scrub_wanted_q && !running_o) || flush_o || end_o || tr_valid_o || ar_valid_o || r_valid_i || check ||
                  taken || any_fault || grant != 4'd0 || ev_start_o != 4'd0 || ld_done_i || st_done_i || mx_done_i || ve_done_i;

  assign ev_dispatch_o    = taken;
  assign ev_yield_o       = yield_now;
  assign ev_scrub_o       = scrubbing && running_o;
  assign ev_stall_fetch_o = run && !valid && !ending_q && !scrubbing;
  assign ev_stall_queue_o = go && to_engine && full[engine];
  assign ev_stall_token_o = ask & ~have & ~held;

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin : assertions
    // A job must not be started while another one runs.
    a_start: assert (!rst_ni || !(start_i && running_o));
    // A job must not begin with what was fetched for another.
    a_ahead: assert (!rst_ni || !(ahead_q && (drop_q || launch_q)));
    // Nothing must be handed to an engine while the job is being stopped.
    a_stopped: assert (!rst_ni || !(flush_o && (ld_cmd_valid_o || st_cmd_valid_o || mx_cmd_valid_o || ve_cmd_valid_o)));
    // A scrub must not run while an engine works.
    a_scrub: assert (!rst_ni || !(scrubbing && held != 4'd0));
  end
`endif

endmodule
