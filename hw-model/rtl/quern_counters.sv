// SPDX-License-Identifier: Apache-2.0
//
// Event counters of a job, 64 bits each; which is which: enum counter of the
// contract. clear_i zeroes them; they count while run_i is high and hold after.
// re_i asks for counter sel_i; value_o has it in the next cycle and until the next
// re_i.
//
// A counter is a low part of 15 bits and a high part of 49. The low parts of four
// counters share a register of 64 bits in fields of 16, whose top bit takes the
// carry and hands it to the high part in the next cycle. So all low parts cost
// eight additions a simulated cycle, and a high part only moves every 2^15 events.
//
// A value that is read includes the pending carry, so it is exact in every cycle.
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

  localparam int unsigned GROUPS = 8;                      // of four counters
  localparam logic [63:0] CARRY = 64'h8000_8000_8000_8000;

  // Increments in the order of the contract's enum, one group a row.
  logic [63:0] add [0:GROUPS-1];
  assign add[0] = {11'd0, ev_wr_bytes_i, 11'd0, ev_rd_beat_i, 4'd0, 15'd0, ev_dispatch_i, 15'd0, run_i};
  assign add[1] = {15'd0, ev_scrub_i, 15'd0, ev_walk_i, 15'd0, ev_tlb_miss_i, 15'd0, ev_tlb_lookup_i};
  assign add[2] = {15'd0, ev_stall_token_i[0], 15'd0, ld_stall_spm_i, 15'd0, ld_stall_bus_i, 15'd0, ld_busy_i};
  assign add[3] = {15'd0, ev_stall_token_i[1], 15'd0, st_stall_spm_i, 15'd0, st_stall_bus_i, 15'd0, st_busy_i};
  assign add[4] = {15'd0, ev_stall_token_i[2], 15'd0, mx_stall_spm_i, 15'd0, mx_stall_weight_i, 15'd0, mx_busy_i};
  assign add[5] = {15'd0, ev_stall_token_i[3], 15'd0, ve_stall_spm_i, 15'd0, ve_stall_param_i, 15'd0, ve_busy_i};
  assign add[6] = {13'd0, ev_conflicts_i, 15'd0, ev_yield_i, 15'd0, ev_stall_queue_i, 15'd0, ev_stall_fetch_i};

  // An engine that neither works nor waits is idle, so that its four counters and this one add up to JOB_CYCLES.
  logic ld_idle, st_idle, mx_idle, ve_idle;
  assign ld_idle = !(ld_busy_i || ld_stall_bus_i || ld_stall_spm_i || ev_stall_token_i[0]);
  assign st_idle = !(st_busy_i || st_stall_bus_i || st_stall_spm_i || ev_stall_token_i[1]);
  assign mx_idle = !(mx_busy_i || mx_stall_weight_i || mx_stall_spm_i || ev_stall_token_i[2]);
  assign ve_idle = !(ve_busy_i || ve_stall_param_i || ve_stall_spm_i || ev_stall_token_i[3]);
  assign add[7] = {15'd0, ve_idle, 15'd0, mx_idle, 15'd0, st_idle, 15'd0, ld_idle};

  logic [63:0] value [0:GROUPS-1];

  for (genvar g = 0; g < GROUPS; g = g + 1) begin : g_group
    logic [63:0] low_q, value_q;
    logic [48:0] high0_q, high1_q, high2_q, high3_q;

    assign value[g] = value_q;

    always_ff @(posedge clk_i) begin : count
      if (!rst_ni || clear_i) begin
        low_q   <= '0;
        high0_q <= '0;
        high1_q <= '0;
        high2_q <= '0;
        high3_q <= '0;
      end else if (run_i || (low_q & CARRY) != 0) begin
        low_q <= (low_q & ~CARRY) + (run_i ? add[g] : 64'd0);
        if ((low_q & CARRY) != 0) begin
          high0_q <= high0_q + 49'(low_q[15]);
          high1_q <= high1_q + 49'(low_q[31]);
          high2_q <= high2_q + 49'(low_q[47]);
          high3_q <= high3_q + 49'(low_q[63]);
        end
      end
    end

    always_ff @(posedge clk_i) begin : read
      if (re_i) begin
        value_q <= '0;
        if (sel_i[4:2] == 3'(g)) begin
          case (sel_i[1:0])
            2'd0:    value_q <= {high0_q, 15'd0} + 64'(low_q[15:0]);
            2'd1:    value_q <= {high1_q, 15'd0} + 64'(low_q[31:16]);
            2'd2:    value_q <= {high2_q, 15'd0} + 64'(low_q[47:32]);
            default: value_q <= {high3_q, 15'd0} + 64'(low_q[63:48]);
          endcase
        end
      end
    end
  end

  assign value_o = value[0] | value[1] | value[2] | value[3] | value[4] | value[5] | value[6] | value[7];

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
