// SPDX-License-Identifier: Apache-2.0
//
// The clocks of the blocks, each gated: one runs while its wake input is high, and
// for as many cycles after as the block takes to come to rest. What wakes a block is
// said where the signals are, in quern_top. The host's side of registers, the
// control core and the counts of time have the chip's clock.
//
// One clock for all engines was rejected: the sequencer, for one, runs in 7 % of the
// cycles of ResNet-8, and each edge of an idle block costs power in silicon and time
// in simulation.
module quern_clocks (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic rst_bus_ni,
  input  logic rst_chip_ni,
  input  logic wake_reset_i,
  input  logic wake_seq_i,
  input  logic wake_mmu_i,
  input  logic wake_bus_i,
  input  logic wake_memory_i,
  input  logic wake_count_i,
  input  logic wake_trace_i,
  input  logic wake_load_i,
  input  logic wake_store_i,
  input  logic wake_matrix_i,
  input  logic wake_vector_i,
  output logic clk_reset_o,
  output logic clk_seq_o,
  output logic clk_mmu_o,
  output logic clk_bus_o,
  output logic clk_memory_o,
  output logic clk_count_o,
  output logic clk_trace_o,
  output logic clk_load_o,
  output logic clk_store_o,
  output logic clk_matrix_o,
  output logic clk_vector_o
);

  quern_clock_gate i_reset (
    .clk_i,
    .rst_ni,
    .wake_i (wake_reset_i),
    .clk_o  (clk_reset_o)
  );

  // A command passes from the fetch buffer to its queue in five cycles.
  quern_clock_gate i_seq (
    .clk_i,
    .rst_ni (rst_chip_ni),
    .wake_i (wake_seq_i),
    .clk_o  (clk_seq_o)
  );

  quern_clock_gate #(.HOLD(1)) i_mmu (
    .clk_i,
    .rst_ni (rst_chip_ni),
    .wake_i (wake_mmu_i),
    .clk_o  (clk_mmu_o)
  );

  // While it waits for answers nothing in it changes.
  quern_clock_gate #(.HOLD(1)) i_bus (
    .clk_i,
    .rst_ni (rst_bus_ni),
    .wake_i (wake_bus_i),
    .clk_o  (clk_bus_o)
  );

  quern_clock_gate #(.HOLD(2)) i_memory (
    .clk_i,
    .rst_ni (rst_chip_ni),
    .wake_i (wake_memory_i),
    .clk_o  (clk_memory_o)
  );

  quern_clock_gate #(.HOLD(1)) i_count (
    .clk_i,
    .rst_ni (rst_chip_ni),
    .wake_i (wake_count_i),
    .clk_o  (clk_count_o)
  );

  quern_clock_gate #(.HOLD(1)) i_trace (
    .clk_i,
    .rst_ni (rst_chip_ni),
    .wake_i (wake_trace_i),
    .clk_o  (clk_trace_o)
  );

  quern_clock_gate i_load (
    .clk_i,
    .rst_ni (rst_chip_ni),
    .wake_i (wake_load_i),
    .clk_o  (clk_load_o)
  );

  quern_clock_gate i_store (
    .clk_i,
    .rst_ni (rst_chip_ni),
    .wake_i (wake_store_i),
    .clk_o  (clk_store_o)
  );

  quern_clock_gate i_matrix (
    .clk_i,
    .rst_ni (rst_chip_ni),
    .wake_i (wake_matrix_i),
    .clk_o  (clk_matrix_o)
  );

  quern_clock_gate i_vector (
    .clk_i,
    .rst_ni (rst_chip_ni),
    .wake_i (wake_vector_i),
    .clk_o  (clk_vector_o)
  );

endmodule
