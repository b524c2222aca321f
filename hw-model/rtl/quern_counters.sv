// SPDX-License-Identifier: Apache-2.0
//
// Event counters of a job, 64 bits each; which is which: enum counter of the
// contract. clear_i zeroes them; they count while run_i is high and hold after.
// re_i asks for counter sel_i; value_o has it in the next cycle and until the next
// re_i.
//
// An engine is in one of five classes each cycle, so one of its five counters
// moves: busy, waiting for one of three causes, or idle, which add up to JOB_CYCLES.
//
// Rejected: short counters that share an adder and carry into long ones. They save
// adders, but to gather the increments costs more in simulation than to count.
module quern_counters (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  input  logic        run_i,

  input  logic        ev_dispatch_i,
  input  logic        ev_yield_i,
  input  logic        ev_scrub_i,
  input  logic        ev_stall_fetch_i,
  input  logic        ev_stall_queue_i,
  input  logic [3:0]  ev_stall_token_i,   // load, store, matrix, vector
  input  logic        ev_rd_beat_i,       // 16 bytes read
  input  logic [4:0]  ev_wr_bytes_i,
  input  logic        ev_tlb_lookup_i,
  input  logic        ev_tlb_miss_i,
  input  logic        ev_walk_i,          // the walker is busy
  input  logic [2:0]  ev_conflicts_i,     // scratchpad requests refused
  input  logic        ld_busy_i,
  input  logic        ld_stall_bus_i,
  input  logic        ld_stall_spm_i,
  input  logic        st_busy_i,
  input  logic        st_stall_bus_i,
  input  logic        st_stall_spm_i,
  input  logic        mx_busy_i,
  input  logic        mx_stall_weight_i,
  input  logic        mx_stall_spm_i,
  input  logic        ve_busy_i,
  input  logic        ve_stall_param_i,
  input  logic        ve_stall_spm_i,

  input  logic        re_i,
  input  logic [4:0]  sel_i,
  output logic [63:0] value_o
);

  logic [63:0] cycles_q, cmds_q, rd_bytes_q, wr_bytes_q, lookups_q, misses_q, walk_q, scrub_q;
  logic [63:0] stall_fetch_q, stall_queue_q, yields_q, conflicts_q;
  logic [63:0] ld_busy_q, ld_bus_q, ld_spm_q, ld_token_q, ld_idle_q;
  logic [63:0] st_busy_q, st_bus_q, st_spm_q, st_token_q, st_idle_q;
  logic [63:0] mx_busy_q, mx_weight_q, mx_spm_q, mx_token_q, mx_idle_q;
  logic [63:0] ve_busy_q, ve_param_q, ve_spm_q, ve_token_q, ve_idle_q;

  // The counters belong to this block alone, which reads them before it counts; with blocking assignments they simulate
  // without a second copy of each.
  // verilator lint_off BLKSEQ
  always_ff @(posedge clk_i) begin : count
    if (re_i)
      case (sel_i)
        5'(quern_pkg::COUNTER_JOB_CYCLES):      value_o <= cycles_q;
        5'(quern_pkg::COUNTER_CMDS):            value_o <= cmds_q;
        5'(quern_pkg::COUNTER_RD_BYTES):        value_o <= rd_bytes_q;
        5'(quern_pkg::COUNTER_WR_BYTES):        value_o <= wr_bytes_q;
        5'(quern_pkg::COUNTER_TLB_LOOKUPS):     value_o <= lookups_q;
        5'(quern_pkg::COUNTER_TLB_MISSES):      value_o <= misses_q;
        5'(quern_pkg::COUNTER_WALK_CYCLES):     value_o <= walk_q;
        5'(quern_pkg::COUNTER_SCRUB_CYCLES):    value_o <= scrub_q;
        5'(quern_pkg::COUNTER_LD_BUSY):         value_o <= ld_busy_q;
        5'(quern_pkg::COUNTER_LD_STALL_BUS):    value_o <= ld_bus_q;
        5'(quern_pkg::COUNTER_LD_STALL_SPM):    value_o <= ld_spm_q;
        5'(quern_pkg::COUNTER_LD_STALL_TOKEN):  value_o <= ld_token_q;
        5'(quern_pkg::COUNTER_ST_BUSY):         value_o <= st_busy_q;
        5'(quern_pkg::COUNTER_ST_STALL_BUS):    value_o <= st_bus_q;
        5'(quern_pkg::COUNTER_ST_STALL_SPM):    value_o <= st_spm_q;
        5'(quern_pkg::COUNTER_ST_STALL_TOKEN):  value_o <= st_token_q;
        5'(quern_pkg::COUNTER_MX_BUSY):         value_o <= mx_busy_q;
        5'(quern_pkg::COUNTER_MX_STALL_WEIGHT): value_o <= mx_weight_q;
        5'(quern_pkg::COUNTER_MX_STALL_SPM):    value_o <= mx_spm_q;
        5'(quern_pkg::COUNTER_MX_STALL_TOKEN):  value_o <= mx_token_q;
        5'(quern_pkg::COUNTER_VE_BUSY):         value_o <= ve_busy_q;
        5'(quern_pkg::COUNTER_VE_STALL_PARAM):  value_o <= ve_param_q;
        5'(quern_pkg::COUNTER_VE_STALL_SPM):    value_o <= ve_spm_q;
        5'(quern_pkg::COUNTER_VE_STALL_TOKEN):  value_o <= ve_token_q;
        5'(quern_pkg::COUNTER_SEQ_STALL_FETCH): value_o <= stall_fetch_q;
        5'(quern_pkg::COUNTER_SEQ_STALL_QUEUE): value_o <= stall_queue_q;
        5'(quern_pkg::COUNTER_YIELDS):          value_o <= yields_q;
        5'(quern_pkg::COUNTER_SPM_CONFLICTS):   value_o <= conflicts_q;
        5'(quern_pkg::COUNTER_LD_IDLE):         value_o <= ld_idle_q;
        5'(quern_pkg::COUNTER_ST_IDLE):         value_o <= st_idle_q;
        5'(quern_pkg::COUNTER_MX_IDLE):         value_o <= mx_idle_q;
        default:                                value_o <= ve_idle_q;
      endcase
    if (run_i) begin
      cycles_q = cycles_q + 64'd1;
      if (ev_rd_beat_i)
        rd_bytes_q = rd_bytes_q + 64'd16;
      if (ev_wr_bytes_i != 5'd0)
        wr_bytes_q = wr_bytes_q + 64'(ev_wr_bytes_i);
      if (ev_conflicts_i != 3'd0)
        conflicts_q = conflicts_q + 64'(ev_conflicts_i);
      if (ev_tlb_lookup_i)
        lookups_q = lookups_q + 64'd1;
      if (ev_tlb_miss_i)
        misses_q = misses_q + 64'd1;
      if (ev_walk_i)
        walk_q = walk_q + 64'd1;
      if (ev_scrub_i)
        scrub_q = scrub_q + 64'd1;
      if (ev_dispatch_i)
        cmds_q = cmds_q + 64'd1;
      if (ev_yield_i)
        yields_q = yields_q + 64'd1;
      if (ev_stall_fetch_i)
        stall_fetch_q = stall_fetch_q + 64'd1;
      if (ev_stall_queue_i)
        stall_queue_q = stall_queue_q + 64'd1;

      if (ld_busy_i)
        ld_busy_q = ld_busy_q + 64'd1;
      else if (ld_stall_bus_i)
        ld_bus_q = ld_bus_q + 64'd1;
      else if (ld_stall_spm_i)
        ld_spm_q = ld_spm_q + 64'd1;
      else if (ev_stall_token_i[0])
        ld_token_q = ld_token_q + 64'd1;
      else
        ld_idle_q = ld_idle_q + 64'd1;

      if (st_busy_i)
        st_busy_q = st_busy_q + 64'd1;
      else if (st_stall_bus_i)
        st_bus_q = st_bus_q + 64'd1;
      else if (st_stall_spm_i)
        st_spm_q = st_spm_q + 64'd1;
      else if (ev_stall_token_i[1])
        st_token_q = st_token_q + 64'd1;
      else
        st_idle_q = st_idle_q + 64'd1;

      if (mx_busy_i)
        mx_busy_q = mx_busy_q + 64'd1;
      else if (mx_stall_weight_i)
        mx_weight_q = mx_weight_q + 64'd1;
      else if (mx_stall_spm_i)
        mx_spm_q = mx_spm_q + 64'd1;
      else if (ev_stall_token_i[2])
        mx_token_q = mx_token_q + 64'd1;
      else
        mx_idle_q = mx_idle_q + 64'd1;

      if (ve_busy_i)
        ve_busy_q = ve_busy_q + 64'd1;
      else if (ve_stall_param_i)
        ve_param_q = ve_param_q + 64'd1;
      else if (ve_stall_spm_i)
        ve_spm_q = ve_spm_q + 64'd1;
      else if (ev_stall_token_i[3])
        ve_token_q = ve_token_q + 64'd1;
      else
        ve_idle_q = ve_idle_q + 64'd1;
    end
    if (!rst_ni || clear_i) begin
      cycles_q      = '0;
      cmds_q        = '0;
      rd_bytes_q    = '0;
      wr_bytes_q    = '0;
      lookups_q     = '0;
      misses_q      = '0;
      walk_q        = '0;
      scrub_q       = '0;
      stall_fetch_q = '0;
      stall_queue_q = '0;
      yields_q      = '0;
      conflicts_q   = '0;
      ld_busy_q     = '0;
      ld_bus_q      = '0;
      ld_spm_q      = '0;
      ld_token_q    = '0;
      ld_idle_q     = '0;
      st_busy_q     = '0;
      st_bus_q      = '0;
      st_spm_q      = '0;
      st_token_q    = '0;
      st_idle_q     = '0;
      mx_busy_q     = '0;
      mx_weight_q   = '0;
      mx_spm_q      = '0;
      mx_token_q    = '0;
      mx_idle_q     = '0;
      ve_busy_q     = '0;
      ve_param_q    = '0;
      ve_spm_q      = '0;
      ve_token_q    = '0;
      ve_idle_q     = '0;
    end
  end
  // verilator lint_on BLKSEQ

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin : assertions
    // An engine must not count one cycle twice.
    a_load:   assert (!rst_ni || !run_i || $countones({ld_busy_i, ld_stall_bus_i, ld_stall_spm_i, ev_stall_token_i[0]}) <= 1);
    a_store:  assert (!rst_ni || !run_i || $countones({st_busy_i, st_stall_bus_i, st_stall_spm_i, ev_stall_token_i[1]}) <= 1);
    a_matrix: assert (!rst_ni || !run_i || $countones({mx_busy_i, mx_stall_weight_i, mx_stall_spm_i, ev_stall_token_i[2]}) <= 1);
    a_vector: assert (!rst_ni || !run_i || $countones({ve_busy_i, ve_stall_param_i, ve_stall_spm_i, ev_stall_token_i[3]}) <= 1);
  end
`endif

endmodule
