// SPDX-License-Identifier: Apache-2.0
//
// Front end of both DMA engines: takes commands, names their runs to the data
// side, splits them into bursts, has each burst translated, and queues the bus
// addresses. It runs ahead of the data; the next command is accepted as soon as
// the last burst of the current one has been translated.
//
// A burst ends at the next multiple of 256 bytes or at the end of its run, so it
// has at most 16 beats and never crosses 4 KiB. A hit in the TLB gives a burst
// every two cycles. FILL names runs and makes no bursts.
//
// A run is checked against the scratchpad before it is named. The first fault
// stops the front end; fault_o stays up until flush_i, and the engine reports it
// when what was issued before it has completed, so that the faults of one engine
// are in order. While flush_i is high nothing new comes out; a translation that
// was asked for is waited for, and an address that the bus has seen (shown_i)
// stays until it is taken.
module quern_dma_addr #(
  parameter int unsigned SPM_BYTES = 524288
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         flush_i,

  input  logic         cmd_valid_i,
  input  logic [511:0] cmd_i,
  input  logic [23:0]  cmd_index_i,
  output logic         cmd_ready_o,
  input  logic [quern_pkg::NUM_REGIONS*40-1:0] region_base_i,

  output logic         tr_valid_o,
  output logic [39:0]  tr_vaddr_o,
  input  logic         tr_done_i,
  input  logic [55:4]  tr_paddr_i,
  input  logic [7:0]   tr_fault_i,

  output logic         run_valid_o,   // only with run_ready_i
  input  logic         run_ready_i,
  output logic [23:0]  run_spm_o,
  output logic [39:0]  run_host_o,
  output logic [23:0]  run_len_o,
  output logic         run_last_o,    // last run of the command
  output logic         run_fill_o,
  output logic [7:0]   run_value_o,
  output logic [23:0]  run_index_o,

  output logic         addr_valid_o,
  output logic [55:4]  addr_o,        // bus words
  output logic [3:0]   addr_len_o,    // beats - 1
  output logic         addr_last_o,   // last burst of the command
  output logic [39:0]  addr_vaddr_o,  // first byte of the run in the page of the burst
  output logic [23:0]  addr_index_o,
  input  logic         addr_ready_i,
  input  logic         shown_i,       // the bus has seen the address and not taken it

  output logic         fault_o,
  output logic [7:0]   fault_kind_o,
  output logic [39:0]  fault_addr_o,
  output logic [23:0]  fault_index_o,
  output logic         idle_o
);

  // Command being walked.
  logic [23:0] index_q, len_q;
  logic        fill_q;
  logic [7:0]  value_q;
  logic [39:0] host_base;
  logic        load, run_next, run_valid, run_last;
  logic [23:0] run_spm;
  logic [39:0] run_host;

  // The run being split.
  logic        split_q, split_last_q;
  logic [39:0] vaddr_q, page_q;   // next burst; first byte of the run in its page
  logic [23:0] left_q, split_index_q;

  // Two addresses for the bus.
  logic [1:0]  count_q;
  logic [55:4] addr0_q, addr1_q;
  logic [3:0]  len0_q, len1_q;
  logic        last0_q, last1_q;
  logic [39:0] vaddr0_q, vaddr1_q;
  logic [23:0] index0_q, index1_q;

  logic        fault_q;
  logic [7:0]  fault_kind_q;
  logic [39:0] fault_addr_q;
  logic [23:0] fault_index_q;

  // Only the fields that a run needs are looked at here.
  // verilator lint_off UNUSEDSIGNAL
  quern_pkg::cmd_load_t cmd;
  quern_pkg::cmd_fill_t cmd_fill;
  // verilator lint_on UNUSEDSIGNAL
  assign cmd      = cmd_i;
  assign cmd_fill = cmd_i;

  assign cmd_ready_o = !flush_i && !fault_q && !run_valid;
  assign load        = cmd_valid_i && cmd_ready_o;

  always_comb begin : region
    host_base = '0;
    if (load)
      host_base = region_base_i[32'(cmd.region)*40 +: 40] + {cmd.offset_hi, cmd.offset_lo};
  end

  always_ff @(posedge clk_i) begin : command
    if (load) begin
      index_q <= cmd_index_i;
      len_q   <= cmd.len;
      fill_q  <= cmd.opcode == quern_pkg::OP_FILL;
      value_q <= cmd_fill.value;
    end
  end

  quern_runs u_runs (
    .clk_i,
    .rst_ni,
    .clear_i    (flush_i),
    .load_i     (load),
    .cmd_i,
    .host_base_i(host_base),
    .next_i     (run_next),
    .valid_o    (run_valid),
    .spm_o      (run_spm),
    .host_o     (run_host),
    .last_o     (run_last)
  );

  // A run is taken when the splitter is free or becomes free.
  logic bounds_bad, burst_done, split_free;

  assign bounds_bad  = {1'b0, run_spm} + {1'b0, len_q} > 25'(SPM_BYTES);
  assign split_free  = !split_q || (burst_done && left_q == 24'(bytes));
  assign run_next    = run_valid && run_ready_i && !fault_q && !flush_i && split_free && !(tr_done_i && tr_fault_i != 0);
  assign run_valid_o = run_next && !bounds_bad;
  assign run_spm_o   = run_spm;
  assign run_host_o  = run_host;
  assign run_len_o   = len_q;
  assign run_last_o  = run_last;
  assign run_fill_o  = fill_q;
  assign run_value_o = value_q;
  assign run_index_o = index_q;

  logic [8:0] bytes;   // of the burst, 1 to 256
  logic [3:0] beats;   // of the burst, minus 1

  always_comb begin : burst
    bytes = 9'd0;
    beats = 4'd0;
    if (split_q) begin
      bytes = 9'd256 - {1'b0, vaddr_q[7:0]};
      if (left_q < 24'(bytes))
        bytes = left_q[8:0];
      beats = 4'((9'(vaddr_q[3:0]) + bytes - 9'd1) >> 4);
    end
  end

  assign tr_valid_o = split_q && !count_q[1];
  assign tr_vaddr_o = vaddr_q;
  assign burst_done = tr_valid_o && tr_done_i && tr_fault_i == 0 && !flush_i;

  always_ff @(posedge clk_i) begin : split
    if (!rst_ni) begin
      split_q <= 1'b0;
    end else if (flush_i) begin
      if (tr_done_i || !tr_valid_o)
        split_q <= 1'b0;
    end else if (run_valid_o && !fill_q) begin
      split_q       <= 1'b1;
      split_last_q  <= run_last;
      split_index_q <= index_q;
      vaddr_q       <= run_host;
      page_q        <= run_host;
      left_q        <= len_q;
    end else if (burst_done) begin
      split_q <= left_q != 24'(bytes);
      vaddr_q <= vaddr_q + 40'(bytes);
      left_q  <= left_q - 24'(bytes);
      if (vaddr_q[11:8] == 4'hf)
        page_q <= vaddr_q + 40'(bytes);
    end else if (tr_valid_o && tr_done_i) begin
      split_q <= 1'b0;
    end
  end

  // Address queue. Translation waits for room, so a result always has a place.
  logic take;
  assign take = addr_valid_o && addr_ready_i;

  always_ff @(posedge clk_i) begin : addresses
    if (!rst_ni) begin
      count_q <= 2'd0;
    end else if (flush_i) begin
      count_q <= {1'b0, shown_i};
    end else if (take || burst_done) begin
      count_q <= count_q + 2'(burst_done) - 2'(take);
      if (take) begin
        addr0_q  <= addr1_q;
        len0_q   <= len1_q;
        last0_q  <= last1_q;
        vaddr0_q <= vaddr1_q;
        index0_q <= index1_q;
      end
      if (burst_done) begin
        if (count_q == {1'b0, take}) begin
          addr0_q  <= tr_paddr_i[55:4];
          len0_q   <= beats;
          last0_q  <= split_last_q && left_q == 24'(bytes);
          vaddr0_q <= page_q;
          index0_q <= split_index_q;
        end else begin
          addr1_q  <= tr_paddr_i[55:4];
          len1_q   <= beats;
          last1_q  <= split_last_q && left_q == 24'(bytes);
          vaddr1_q <= page_q;
          index1_q <= split_index_q;
        end
      end
    end
  end

  assign addr_valid_o = count_q != 0;
  assign addr_o       = addr0_q;
  assign addr_len_o   = len0_q;
  assign addr_last_o  = last0_q;
  assign addr_vaddr_o = vaddr0_q;
  assign addr_index_o = index0_q;

  always_ff @(posedge clk_i) begin : faults
    if (!rst_ni || flush_i) begin
      fault_q <= 1'b0;
    end else if (tr_valid_o && tr_done_i && tr_fault_i != 0) begin
      fault_q       <= 1'b1;
      fault_kind_q  <= tr_fault_i;
      fault_addr_q  <= vaddr_q;
      fault_index_q <= split_index_q;
    end else if (run_next && bounds_bad) begin
      fault_q       <= 1'b1;
      fault_kind_q  <= quern_pkg::FAULT_SPM_BOUNDS;
      fault_addr_q  <= 40'(run_spm);
      fault_index_q <= index_q;
    end
  end

  assign fault_o       = fault_q;
  assign fault_kind_o  = fault_kind_q;
  assign fault_addr_o  = fault_addr_q;
  assign fault_index_o = fault_index_q;
  assign idle_o        = !run_valid && !split_q && count_q == 0;

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin : assertions
    // A burst must not cross 4 KiB.
    a_page: assert (!rst_ni || !burst_done || 13'(vaddr_q[11:0]) + 13'(bytes) <= 13'd4096);
    // A translation must not arrive that was not asked for.
    a_tr: assert (!rst_ni || !(tr_done_i && !tr_valid_o));
  end
`endif

endmodule
