// SPDX-License-Identifier: Apache-2.0
//
// Store DMA: STORE copies runs from the scratchpad to host memory. What the
// command means: docs/isa.md; the ports: docs/rtl-interfaces.md.
//
// The front end (quern_dma_addr) announces bursts; up to 32 wait for their
// response. Meanwhile a reader fetches 16 bytes a cycle (N = 8: 8 bytes) from the
// scratchpad into a FIFO, and the aligner makes bus words of it. A word is sent
// when the address of its burst has been taken. A command is done when the bus
// has acknowledged all of its bursts.
//
// Faults are reported in order within this engine: everything before the fault
// has been written and acknowledged.
//
// Flush: the words that announced bursts still owe are sent with no byte enabled.
// The back end walks its runs on as usual for that, but does not read.
//
// Rejected: announcing a burst only when all of its data has been read (16 cycles
// of latency per command; the scratchpad never starves a port for long).
module quern_store #(
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
  output logic [4:0]                     ev_wr_bytes_o,  // bytes enabled in the word sent in this cycle

  input  logic [quern_pkg::NUM_REGIONS*40-1:0] region_base_i,

  output logic                           tr_valid_o,
  output logic [39:0]                    tr_vaddr_o,
  output logic                           tr_write_o,
  input  logic                           tr_done_i,
  // verilator lint_off UNUSEDSIGNAL
  input  logic [55:0]                    tr_paddr_i,     // the lowest bits are those of the virtual address
  // verilator lint_on UNUSEDSIGNAL
  input  logic [7:0]                     tr_fault_i,

  output logic                           aw_valid_o,
  output logic [55:0]                    aw_addr_o,
  output logic [7:0]                     aw_len_o,
  input  logic                           aw_ready_i,
  output logic                           w_valid_o,
  output logic [8*BUS_BYTES-1:0]         w_data_o,
  output logic [BUS_BYTES-1:0]           w_strb_o,
  output logic                           w_last_o,
  input  logic                           w_ready_i,
  input  logic                           b_valid_i,
  input  logic                           b_err_i,

  output logic                           sr_req_o,
  output logic [$clog2(SPM_BYTES/N)-1:0] sr_addr_o,
  input  logic                           sr_gnt_i,
  input  logic [8*N-1:0]                 sr_rdata_i
);

  localparam int unsigned VEC_W = $clog2(SPM_BYTES / N);
  localparam int unsigned UNIT_W = N == 8 ? 3 : 4;   // log2 of the bytes of one read
  localparam int unsigned WORDS = 32;                // data FIFO
  localparam int unsigned BURSTS = 32;               // without response

  // ------------------------------------------------------------------
  // Front end
  // ------------------------------------------------------------------
  logic        run_push, run_full;
  logic [23:0] run_spm, run_len;
  // verilator lint_off UNUSEDSIGNAL
  logic [39:0] run_host;   // the front end takes care of all beyond 256 bytes
  // verilator lint_on UNUSEDSIGNAL
  logic        addr_valid, addr_last;
  logic [55:4] addr;
  logic [3:0]  addr_len;
  logic [39:0] addr_vaddr;
  logic [23:0] addr_index;
  logic        front_fault, front_idle;
  logic [7:0]  front_kind;
  logic [39:0] front_addr;
  logic [23:0] front_index;
  logic        announce, shown;


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
    // Of use to the other DMA engine only.
    // verilator lint_off PINCONNECTEMPTY
    .run_last_o   (),
    .run_fill_o   (),
    .run_value_o  (),
    .run_index_o  (),
    // verilator lint_on PINCONNECTEMPTY
    .addr_valid_o (addr_valid),
    .addr_o       (addr),
    .addr_len_o   (addr_len),
    .addr_last_o  (addr_last),
    .addr_vaddr_o (addr_vaddr),
    .addr_index_o (addr_index),
    .addr_ready_i (announce),
    .shown_i      (shown),
    .fault_o      (front_fault),
    .fault_kind_o (front_kind),
    .fault_addr_o (front_addr),
    .fault_index_o(front_index),
    .idle_o       (front_idle)
  );
  assign tr_write_o = 1'b1;

  // ------------------------------------------------------------------
  // Announced bursts
  // ------------------------------------------------------------------
  logic [5:0] announced_q;   // bursts with words to send
  logic [5:0] waiting_q;     // bursts without response
  logic       sent;          // last word of a burst goes out
  logic       drained;       // nothing owed to the bus but responses
  logic       clear;

  assign aw_valid_o = addr_valid && waiting_q != 6'(BURSTS);
  assign aw_addr_o  = {addr, 4'd0};
  assign aw_len_o   = 8'(addr_len);
  assign announce   = aw_valid_o && aw_ready_i;
  assign shown      = aw_valid_o && !aw_ready_i;
  assign drained    = announced_q == 0 && !addr_valid;
  assign clear      = flush_i && drained;

  always_ff @(posedge clk_i) begin : bursts
    if (!rst_ni) begin
      announced_q <= '0;
      waiting_q   <= '0;
    end else if (announce || sent || b_valid_i) begin
      announced_q <= announced_q + 6'(announce) - 6'(sent);
      waiting_q   <= waiting_q + 6'(announce) - 6'(b_valid_i);
    end
  end

  // What a response stands for.
  logic        b_valid, b_last;
  logic [39:0] b_vaddr;
  logic [23:0] b_index;

  quern_fifo #(.WIDTH(1 + 24 + 40), .DEPTH(BURSTS)) u_bursts (
    .clk_i,
    .rst_ni,
    .clear_i(1'b0),
    .push_i (announce),
    .wdata_i({addr_last, addr_index, addr_vaddr}),
    // Room is kept by whoever pushes.
    // verilator lint_off PINCONNECTEMPTY
    .full_o (),
    // verilator lint_on PINCONNECTEMPTY
    .pop_i  (b_valid_i),
    .valid_o(b_valid),
    .rdata_o({b_last, b_index, b_vaddr}),
    // valid_o says it.
    // verilator lint_off PINCONNECTEMPTY
    .empty_o()
    // verilator lint_on PINCONNECTEMPTY
  );

  // ------------------------------------------------------------------
  // Reader: scratchpad to data FIFO
  // ------------------------------------------------------------------
  logic        next_valid, next_pop;
  logic [7:0]  next_host;
  logic [23:0] next_spm, next_len;
  // verilator lint_off UNUSEDSIGNAL
  logic [23:0] next_end;   // its low bits lie in the unit
  // verilator lint_on UNUSEDSIGNAL

  quern_fifo #(.WIDTH(24 + 24 + 8), .DEPTH(BURSTS)) u_runs (
    .clk_i,
    .rst_ni,
    .clear_i(clear),
    .push_i (run_push),
    .wdata_i({run_host[7:0], run_len, run_spm}),
    .full_o (run_full),
    .pop_i  (next_pop),
    .valid_o(next_valid),
    .rdata_o({next_host, next_len, next_spm}),
    // valid_o says it.
    // verilator lint_off PINCONNECTEMPTY
    .empty_o()
    // verilator lint_on PINCONNECTEMPTY
  );
  assign next_end = next_spm + next_len - 24'd1;

  logic [23:UNIT_W] unit_q, unit_end_q;   // next unit to read, last one of the run
  logic             reading_q, read_end, granted;
  logic [5:0]       reserved_q;           // words read or being read, not yet taken out of the FIFO
  logic             word_done, word_push, data_pop;
  logic             work_full;

  assign granted  = sr_req_o && sr_gnt_i;
  assign read_end = granted && unit_q == unit_end_q;
  assign next_pop = next_valid && !work_full && (!reading_q || read_end || flush_i);
  assign sr_req_o = reading_q && !flush_i && reserved_q != 6'(WORDS);

  always_ff @(posedge clk_i) begin : reader
    if (!rst_ni || clear) begin
      reading_q <= 1'b0;
    end else if (next_pop) begin
      reading_q  <= 1'b1;
      unit_q     <= next_spm[23:UNIT_W];
      unit_end_q <= next_end[23:UNIT_W];
    end else if (granted) begin
      reading_q <= !read_end;
      unit_q    <= unit_q + 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin : room
    if (!rst_ni || flush_i)
      reserved_q <= '0;
    else if (word_done || data_pop)
      reserved_q <= reserved_q + 6'(word_done) - 6'(data_pop);
  end

  logic [127:0] word;

  // The word arrives in the cycle after the grant; a flush drops it.
  always_ff @(posedge clk_i) begin : arrival
    if (!rst_ni)
      word_push <= 1'b0;
    else if (word_push || word_done)
      word_push <= word_done;
  end

  if (N == 8) begin : g_narrow
    // Two reads make a word; half of it is enough at the ends of a run. The end of a run in a low half leaves the
    // high half undefined, which nobody looks at.
    logic        low_q, high_q;
    logic [63:0] half_q;
    assign sr_addr_o = unit_q[UNIT_W +: VEC_W];
    assign word_done = granted && (unit_q[UNIT_W] || read_end);
    assign word      = {sr_rdata_i, high_q ? half_q : sr_rdata_i};
    always_ff @(posedge clk_i) begin : halves
      if (!rst_ni) begin
        low_q <= 1'b0;
      end else if (granted || low_q) begin
        low_q <= granted && !unit_q[UNIT_W] && !read_end;
        if (granted)
          high_q <= unit_q[UNIT_W];
        if (low_q)
          half_q <= sr_rdata_i;
      end
    end
  end else if (N == 16) begin : g_even
    assign sr_addr_o = unit_q[UNIT_W +: VEC_W];
    assign word_done = granted;
    assign word      = sr_rdata_i[127:0];
  end else begin : g_wide
    logic high_q;
    assign sr_addr_o = unit_q[$clog2(N) +: VEC_W];
    assign word_done = granted;
    assign word      = high_q ? sr_rdata_i[8*N-1 -: 128] : sr_rdata_i[127:0];
    always_ff @(posedge clk_i) begin : half
      if (granted)
        high_q <= unit_q[UNIT_W];
    end
  end

  logic         data_valid;
  logic [127:0] data;

  quern_fifo #(.WIDTH(128), .DEPTH(WORDS)) u_data (
    .clk_i,
    .rst_ni,
    .clear_i(flush_i),
    .push_i (word_push),
    .wdata_i(word),
    // Room is kept by whoever pushes.
    // verilator lint_off PINCONNECTEMPTY
    .full_o (),
    // verilator lint_on PINCONNECTEMPTY
    .pop_i  (data_pop && !flush_i),
    .valid_o(data_valid),
    .rdata_o(data),
    // valid_o says it.
    // verilator lint_off PINCONNECTEMPTY
    .empty_o()
    // verilator lint_on PINCONNECTEMPTY
  );

  // ------------------------------------------------------------------
  // Writer: data FIFO to bus
  // ------------------------------------------------------------------
  logic        work_valid, work_pop, align_free;
  logic [3:0]  work_src;
  logic [7:0]  work_host;
  logic [23:0] work_len;
  logic        word_valid, word_last, word_ready;
  logic [15:0] word_be;
  logic [3:0]  beat_q;   // place of the next word among 256 bytes

  quern_fifo #(.WIDTH(24 + 8 + 4), .DEPTH(8)) u_work (
    .clk_i,
    .rst_ni,
    .clear_i(clear),
    .push_i (next_pop),
    .wdata_i({next_len, next_host, next_spm[3:0]}),
    .full_o (work_full),
    .pop_i  (work_pop),
    .valid_o(work_valid),
    .rdata_o({work_len, work_host, work_src}),
    // valid_o says it.
    // verilator lint_off PINCONNECTEMPTY
    .empty_o()
    // verilator lint_on PINCONNECTEMPTY
  );
  assign work_pop = work_valid && align_free;

  quern_align u_align (
    .clk_i,
    .rst_ni,
    .clear_i    (clear),
    .start_i    (work_pop),
    .src_off_i  (work_src),
    .dst_off_i  (work_host[3:0]),
    .len_i      (work_len),
    .free_o     (align_free),
    .src_valid_i(data_valid || flush_i),
    .src_data_i (data),
    .src_pop_o  (data_pop),
    .dst_valid_o(word_valid),
    .dst_data_o (w_data_o),
    .dst_be_o   (word_be),
    .dst_last_o (word_last),
    .dst_ready_i(word_ready)
  );

  assign w_valid_o  = word_valid && announced_q != 0;
  assign word_ready = w_ready_i && announced_q != 0;
  assign w_strb_o   = flush_i ? '0 : word_be;
  assign w_last_o   = word_last || beat_q == 4'd15;
  assign sent       = w_valid_o && w_ready_i && w_last_o;

  always_ff @(posedge clk_i) begin : beats
    if (work_pop)
      beat_q <= work_host[7:4];
    else if (w_valid_o && w_ready_i)
      beat_q <= beat_q + 4'd1;
  end

  // ------------------------------------------------------------------
  // Completion and faults
  // ------------------------------------------------------------------
  logic        done_q, fault_pulse_q, dead_q;
  logic [7:0]  held_q;     // commands accepted and not done
  logic        bus_fault, front_now, fault_now;
  logic [7:0]  fault_kind_q;
  logic [39:0] fault_addr_q;
  logic [23:0] fault_index_q;

  assign front_now = front_fault && !addr_valid && waiting_q == 0;
  assign bus_fault = b_valid_i && b_err_i;
  assign fault_now = !dead_q && (front_now || bus_fault);

  always_ff @(posedge clk_i) begin : completion
    if (!rst_ni || flush_i) begin
      done_q        <= 1'b0;
      fault_pulse_q <= 1'b0;
      dead_q        <= 1'b0;
      held_q        <= '0;
    end else begin
      if (done_q || b_valid_i)
        done_q <= b_valid_i && b_last && !b_err_i && !dead_q;
      if (fault_pulse_q || fault_now)
        fault_pulse_q <= fault_now;
      if ((cmd_valid_i && cmd_ready_o) || done_q)
        held_q <= held_q + 8'(cmd_valid_i && cmd_ready_o) - 8'(done_q);
      if (fault_now) begin
        dead_q        <= 1'b1;
        fault_kind_q  <= bus_fault ? quern_pkg::FAULT_BUS : front_kind;
        fault_addr_q  <= bus_fault ? b_vaddr : front_addr;
        fault_index_q <= bus_fault ? b_index : front_index;
      end
    end
  end

  assign done_o        = done_q;
  assign fault_o       = fault_pulse_q;
  assign fault_kind_o  = fault_kind_q;
  assign fault_addr_o  = fault_addr_q;
  assign fault_index_o = fault_index_q;
  assign idle_o        = held_q == 0 && front_idle && waiting_q == 0;

  // Moving a word on either side is busy; otherwise a refused read is the scratchpad's fault, all else the bus's.
  logic moved;
  assign moved          = granted || (w_valid_o && w_ready_i);
  assign ev_busy_o      = held_q != 0 && moved;
  assign ev_stall_spm_o = held_q != 0 && !moved && sr_req_o;
  assign ev_stall_bus_o = held_q != 0 && !moved && !sr_req_o;

  always_comb begin : bytes_written
    int unsigned i;
    i = 0;
    ev_wr_bytes_o = '0;
    if (w_valid_o && w_ready_i && !flush_i) begin
      if (&word_be)
        ev_wr_bytes_o = 5'd16;
      else
        for (i = 0; i < 16; i = i + 1)
          ev_wr_bytes_o = ev_wr_bytes_o + 5'(word_be[i]);
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin : assertions
    // A response must not arrive that no burst waits for.
    a_response: assert (!rst_ni || !(b_valid_i && !b_valid));
    // The scratchpad must not be read beyond its end.
    a_bounds: assert (!rst_ni || !(sr_req_o && {8'd0, unit_q, UNIT_W'(0)} >= SPM_BYTES));
    // A word must not be sent for a burst that was not announced.
    a_announced: assert (!rst_ni || !(sent && announced_q == 0));
  end
`endif

endmodule
