// SPDX-License-Identifier: Apache-2.0
//
// Load DMA: LOAD copies runs from host memory to the scratchpad, FILL writes a
// byte to runs of the scratchpad. What the commands mean: docs/isa.md; the ports:
// docs/rtl-interfaces.md.
//
// The front end (quern_dma_addr) asks for bursts ahead of the data; up to 32
// bursts and 4 KiB are in flight, and a burst is asked for only when the data
// FIFO has room for all of it, because read data cannot be held off. Runs wait in
// a queue in order, FILL among them. The back end aligns one bus word a cycle and
// writes min(N, 16) bytes a cycle, N for FILL.
//
// Faults are reported in order within this engine: everything before the fault
// has been written.
//
// Rejected: a write combiner for N = 32 (the bus brings 16 bytes a cycle, half a
// vector a cycle keeps up with it).
module quern_load #(
  parameter int unsigned N = 16,
  parameter int unsigned SPM_BYTES = 524288,
  parameter int unsigned BUS_BYTES = 16
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,

  input  logic                           cmd_valid_i,
  input  logic [511:0]                   cmd_i,
  input  logic [23:0]                    cmd_index_i,
  output logic                           cmd_ready_o,
  output logic                           done_o,
  output logic                           fault_o,
  output logic [7:0]                     fault_kind_o,
  output logic [39:0]                    fault_addr_o,
  output logic [23:0]                    fault_index_o,
  input  logic                           flush_i,
  output logic                           idle_o,
  output logic                           ev_busy_o,
  output logic                           ev_stall_bus_o,
  output logic                           ev_stall_spm_o,

  input  logic [quern_pkg::NUM_REGIONS*40-1:0] region_base_i,

  output logic                           tr_valid_o,
  output logic [39:0]                    tr_vaddr_o,
  output logic                           tr_write_o,
  input  logic                           tr_done_i,
  // verilator lint_off UNUSEDSIGNAL
  input  logic [55:0]                    tr_paddr_i,   // the lowest bits are those of the virtual address
  // verilator lint_on UNUSEDSIGNAL
  input  logic [7:0]                     tr_fault_i,

  output logic                           ar_valid_o,
  output logic [55:0]                    ar_addr_o,
  output logic [7:0]                     ar_len_o,
  input  logic                           ar_ready_i,
  input  logic                           r_valid_i,
  input  logic [8*BUS_BYTES-1:0]         r_data_i,
  input  logic                           r_last_i,
  input  logic                           r_err_i,

  output logic                           lw_req_o,
  output logic [$clog2(SPM_BYTES/N)-1:0] lw_addr_o,
  output logic [8*N-1:0]                 lw_wdata_o,
  output logic [N-1:0]                   lw_be_o,
  input  logic                           lw_gnt_i
);

  localparam int unsigned LANE_W = $clog2(N);
  localparam int unsigned BEATS = 256;    // data FIFO, bus words
  localparam int unsigned BURSTS = 32;    // in flight
  localparam int unsigned RUN_W = 24 + 40 + 24 + 1 + 1 + 8 + 24;

  // ------------------------------------------------------------------
  // Front end
  // ------------------------------------------------------------------
  logic        run_push, run_full;
  logic [23:0] run_spm, run_len, run_index;
  logic [39:0] run_host;
  logic        run_last, run_fill;
  logic [7:0]  run_value;
  logic        addr_valid, addr_take, addr_room;
  logic [55:4] addr;
  logic [3:0]  addr_len;
  logic        front_fault, front_idle;
  logic [7:0]  front_kind;
  logic [39:0] front_addr;
  logic [23:0] front_index;

  quern_dma_addr #(.SPM_BYTES(SPM_BYTES)) u_addr (
    .clk_i,
    .rst_ni,
    .flush_i,
    .cmd_valid_i,
    .cmd_i,
    .cmd_index_i,
    .cmd_ready_o,
    .region_base_i,
    .tr_valid_o,
    .tr_vaddr_o,
    .tr_done_i,
    .tr_paddr_i   (tr_paddr_i[55:4]),
    .tr_fault_i,
    .run_valid_o  (run_push),
    .run_ready_i  (!run_full),
    .run_spm_o    (run_spm),
    .run_host_o   (run_host),
    .run_len_o    (run_len),
    .run_last_o   (run_last),
    .run_fill_o   (run_fill),
    .run_value_o  (run_value),
    .run_index_o  (run_index),
    .addr_valid_o (addr_valid),
    .addr_o       (addr),
    .addr_len_o   (addr_len),
    // Of use to the other DMA engine only.
    // verilator lint_off PINCONNECTEMPTY
    .addr_last_o  (),
    .addr_vaddr_o (),
    .addr_index_o (),
    // verilator lint_on PINCONNECTEMPTY
    .addr_ready_i (addr_take),
    .shown_i      (ar_valid_o && !ar_ready_i),
    .fault_o      (front_fault),
    .fault_kind_o (front_kind),
    .fault_addr_o (front_addr),
    .fault_index_o(front_index),
    .idle_o       (front_idle)
  );
  assign tr_write_o = 1'b0;

  // ------------------------------------------------------------------
  // Read requests and arriving data
  // ------------------------------------------------------------------
  logic [8:0]   reserved_q;   // beats asked for and not yet taken out of the FIFO
  logic [8:0]   flight_q;     // beats asked for and not yet arrived
  logic [5:0]   bursts_q;     // bursts not yet complete
  logic         asked, dead_q;
  logic         data_valid, data_pop;
  logic [127:0] data;

  assign addr_room  = reserved_q + 9'(addr_len) < 9'(BEATS) && bursts_q != 6'(BURSTS);
  assign ar_valid_o = addr_valid && addr_room;
  assign ar_addr_o  = {addr, 4'd0};
  assign ar_len_o   = 8'(addr_len);
  assign asked      = ar_valid_o && ar_ready_i;
  assign addr_take  = asked;

  always_ff @(posedge clk_i) begin : credit
    if (!rst_ni) begin
      reserved_q <= '0;
      flight_q   <= '0;
      bursts_q   <= '0;
    end else if (asked || r_valid_i || data_pop || flush_i) begin
      flight_q   <= flight_q + (asked ? 9'(addr_len) + 9'd1 : 9'd0) - 9'(r_valid_i);
      reserved_q <= (flush_i ? flight_q - 9'(r_valid_i) : reserved_q - 9'(data_pop)) + (asked ? 9'(addr_len) + 9'd1 : 9'd0);
      bursts_q   <= bursts_q + 6'(asked) - 6'(r_valid_i && r_last_i);
    end
  end

  quern_fifo #(.WIDTH(128), .DEPTH(BEATS)) u_data (
    .clk_i,
    .rst_ni,
    .clear_i(flush_i),
    .push_i (r_valid_i && !dead_q && !flush_i),
    .wdata_i(r_data_i),
    // Room is kept by whoever pushes.
    // verilator lint_off PINCONNECTEMPTY
    .full_o (),
    // verilator lint_on PINCONNECTEMPTY
    .pop_i  (data_pop),
    .valid_o(data_valid),
    .rdata_o(data),
    // valid_o says it.
    // verilator lint_off PINCONNECTEMPTY
    .empty_o()
    // verilator lint_on PINCONNECTEMPTY
  );

  // A beat with an error: how many good beats are in the FIFO before it.
  logic       err_q, err_here;
  logic [8:0] err_after_q;

  assign err_here = err_q && err_after_q == 0;

  always_ff @(posedge clk_i) begin : bus_errors
    if (!rst_ni || flush_i) begin
      err_q <= 1'b0;
    end else if (err_q) begin
      if (data_pop)
        err_after_q <= err_after_q - 9'd1;
    end else if (r_valid_i && r_err_i) begin
      err_q       <= 1'b1;
      err_after_q <= reserved_q - flight_q - 9'(data_pop);
    end
  end

  // ------------------------------------------------------------------
  // Back end: one run at a time
  // ------------------------------------------------------------------
  logic             next_valid, next_pop, next_empty;
  logic [RUN_W-1:0] next_run;
  logic [23:0]      next_spm, next_len, next_index;
  logic [39:0]      next_host;
  logic             next_last, next_fill;
  logic [7:0]       next_value;

  quern_fifo #(.WIDTH(RUN_W), .DEPTH(BURSTS)) u_runs (
    .clk_i,
    .rst_ni,
    .clear_i(flush_i),
    .push_i (run_push),
    .wdata_i({run_index, run_value, run_fill, run_last, run_len, run_host, run_spm}),
    .full_o (run_full),
    .pop_i  (next_pop),
    .valid_o(next_valid),
    .rdata_o(next_run),
    .empty_o(next_empty)
  );
  assign {next_index, next_value, next_fill, next_last, next_len, next_host, next_spm} = next_run;

  logic         active_q, fill_q, last_q;
  logic [7:0]   value_q;
  logic [23:0]  spm_q;         // byte address of the next write
  logic [23:0]  fill_left_q;   // bytes
  logic [23:0]  index_q;
  logic [39:0]  host_q;        // first byte of the run
  logic [39:0]  beat_q;        // address of the bus word at the head of the data FIFO
  logic         free, align_free, align_start, run_end;
  logic         chunk_valid, chunk_last, chunk_ready;
  logic [127:0] chunk;
  logic [15:0]  chunk_be;
  logic         fill_end;
  logic         fault_now;

  assign free        = !active_q || run_end;
  assign next_pop    = next_valid && free && !dead_q && !fault_now && !flush_i;
  assign align_start = next_pop && !next_fill;

  quern_align u_align (
    .clk_i,
    .rst_ni,
    .clear_i    (flush_i),
    .start_i    (align_start),
    .src_off_i  (next_host[3:0]),
    .dst_off_i  (next_spm[3:0]),
    .len_i      (next_len),
    .free_o     (align_free),
    .src_valid_i(data_valid && !err_here && !dead_q),
    .src_data_i (data),
    .src_pop_o  (data_pop),
    .dst_valid_o(chunk_valid),
    .dst_data_o (chunk),
    .dst_be_o   (chunk_be),
    .dst_last_o (chunk_last),
    .dst_ready_i(chunk_ready)
  );

  always_ff @(posedge clk_i) begin : back_end
    if (!rst_ni || flush_i) begin
      active_q <= 1'b0;
    end else if (next_pop) begin
      active_q    <= 1'b1;
      fill_q      <= next_fill;
      last_q      <= next_last;
      value_q     <= next_value;
      spm_q       <= next_spm;
      fill_left_q <= next_len;
      index_q     <= next_index;
      host_q      <= next_host;
      beat_q      <= {next_host[39:4], 4'd0};
    end else if (active_q) begin
      if (run_end)
        active_q <= 1'b0;
      if (fill_q) begin
        if (lw_gnt_i) begin
          spm_q       <= {spm_q[23:LANE_W] + 1'b1, LANE_W'(0)};
          fill_left_q <= fill_left_q - 24'(fill_take);
        end
      end else begin
        if (chunk_valid && chunk_ready)
          spm_q <= {spm_q[23:4] + 20'd1, 4'd0};
        if (data_pop)
          beat_q <= beat_q + 40'd16;
      end
    end
  end

  // Bytes that a FILL writes in this cycle.
  logic [LANE_W:0] fill_take, fill_room;
  logic [N-1:0]    fill_be;

  always_comb begin : fill
    fill_room = '0;
    fill_take = '0;
    fill_be   = '0;
    if (active_q && fill_q) begin
      fill_room = (LANE_W+1)'(N) - {1'b0, spm_q[LANE_W-1:0]};
      fill_take = fill_left_q < 24'(fill_room) ? fill_left_q[LANE_W:0] : fill_room;
      fill_be   = N'(({1'b0, {N{1'b1}}} >> ((LANE_W+1)'(N) - fill_take)) << spm_q[LANE_W-1:0]);
    end
  end
  assign fill_end = fill_left_q == 24'(fill_take);

  // Scratchpad port. A chunk of 16 bytes is one vector, half a vector or two.
  if (N == 8) begin : g_narrow
    logic high_q;   // the low half has been written
    logic high;     // writing the high half

    assign high        = high_q || chunk_be[7:0] == 0;
    assign chunk_ready = lw_gnt_i && !fill_q && (high || chunk_be[15:8] == 0);
    always_comb begin : port
      lw_addr_o  = spm_q[LANE_W +: $clog2(SPM_BYTES/N)];
      lw_wdata_o = chunk[8*N-1:0];
      lw_be_o    = chunk_be[N-1:0];
      if (fill_q) begin
        lw_wdata_o = {N{value_q}};
        lw_be_o    = fill_be;
      end else begin
        lw_addr_o[0] = high;
        if (high) begin
          lw_wdata_o = chunk[127:64];
          lw_be_o    = chunk_be[15:8];
        end
      end
    end
    always_ff @(posedge clk_i) begin : halves
      if (!rst_ni || flush_i)
        high_q <= 1'b0;
      else if (active_q && !fill_q && lw_gnt_i)
        high_q <= !chunk_ready;
    end
  end else begin : g_wide
    assign chunk_ready = lw_gnt_i && !fill_q;
    always_comb begin : port
      lw_addr_o  = spm_q[LANE_W +: $clog2(SPM_BYTES/N)];
      lw_wdata_o = {(N/16){chunk}};
      lw_be_o    = fill_be;
      if (fill_q)
        lw_wdata_o = {N{value_q}};
      else if (N == 16)
        lw_be_o = N'(chunk_be);
      else
        lw_be_o = spm_q[4] ? {chunk_be, {(N-16){1'b0}}} : N'(chunk_be);
    end
  end

  assign lw_req_o = active_q && !dead_q && !flush_i && (fill_q || chunk_valid);
  assign run_end  = active_q && lw_gnt_i && (fill_q ? fill_end : chunk_ready && chunk_last);

  // ------------------------------------------------------------------
  // Completion and faults
  // ------------------------------------------------------------------
  logic       done_q, fault_pulse_q;
  logic [7:0] held_q;     // commands accepted and not done
  logic       bus_fault, front_now;
  logic [7:0]  fault_kind_q;
  logic [39:0] fault_addr_q;
  logic [23:0] fault_index_q;

  // The front end's fault comes after everything that it issued: no request and no data is left, no run waits,
  // and the current run (if it is the one at fault) cannot make a word.
  assign front_now = front_fault && !addr_valid && reserved_q == 0 && next_empty && (!active_q || (!fill_q && !chunk_valid));
  assign bus_fault = err_here && data_valid && active_q && !fill_q && !chunk_valid;
  assign fault_now = !dead_q && (front_now || bus_fault);

  always_ff @(posedge clk_i) begin : completion
    if (!rst_ni || flush_i) begin
      done_q        <= 1'b0;
      fault_pulse_q <= 1'b0;
      dead_q        <= 1'b0;
      held_q        <= '0;
    end else begin
      if (done_q || run_end)
        done_q <= run_end && last_q;
      if (fault_pulse_q || fault_now)
        fault_pulse_q <= fault_now;
      if ((cmd_valid_i && cmd_ready_o) || done_q)
        held_q <= held_q + 8'(cmd_valid_i && cmd_ready_o) - 8'(done_q);
      if (fault_now) begin
        dead_q        <= 1'b1;
        fault_kind_q  <= bus_fault ? quern_pkg::FAULT_BUS : front_kind;
        fault_addr_q  <= !bus_fault ? front_addr : beat_q[39:12] == host_q[39:12] ? host_q : {beat_q[39:12], 12'd0};
        fault_index_q <= bus_fault ? index_q : front_index;
      end
    end
  end

  assign done_o        = done_q;
  assign fault_o       = fault_pulse_q;
  assign fault_kind_o  = fault_kind_q;
  assign fault_addr_o  = fault_addr_q;
  assign fault_index_o = fault_index_q;
  assign idle_o        = held_q == 0 && front_idle && bursts_q == 0;

  assign ev_busy_o      = (lw_req_o && lw_gnt_i) || data_pop;
  assign ev_stall_spm_o = lw_req_o && !lw_gnt_i && !data_pop;
  assign ev_stall_bus_o = held_q != 0 && !lw_req_o && !data_pop;

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin : assertions
    // Data must not arrive without a place for it.
    a_room: assert (!rst_ni || reserved_q <= 9'(BEATS));
    // A beat must not arrive that was not asked for.
    a_asked: assert (!rst_ni || !(r_valid_i && flight_q == 0));
    // The aligner must be free whenever a run starts.
    a_free: assert (!rst_ni || !(align_start && !align_free));
    // The scratchpad must not be written beyond its end.
    a_bounds: assert (!rst_ni || !(lw_req_o && 32'(spm_q) >= SPM_BYTES));
    // A fault must not be reported together with a completion of a later command.
    a_order: assert (!rst_ni || !(dead_q && run_end));
  end
`endif

endmodule
