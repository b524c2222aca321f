// SPDX-License-Identifier: Apache-2.0
//
// Results on their way to the scratchpad. A slot is allocated when an operand is
// asked for, with the destination; filled when the result leaves the lanes; and
// freed when the scratchpad takes it. All three in order.
//
// Because readers only start what has a slot, the lanes never stall, and no
// request of the vector engine depends on a grant of the same cycle.
// DEPTH covers the longest path from operand to write at one vector a cycle.
module quern_vector_queue #(
  parameter int unsigned N = 16,
  parameter int unsigned VEC_W = 15,     // of a scratchpad vector index
  parameter int unsigned DEPTH = 16
) (
  input  logic                     clk_i,
  input  logic                  en_i,      // low only if there is nothing to do
  input  logic                     clear_i,

  output logic                     space_o,
  input  logic                     alloc_i,
  input  logic [VEC_W-1:0]         alloc_addr_i,
  input  logic                     alloc_last_i,   // last result of its command
  input  logic                     fill_i,
  input  logic [N*8-1:0]           fill_data_i,

  output logic [$clog2(DEPTH):0]   alloc_ptr_o,
  output logic [$clog2(DEPTH):0]   drain_ptr_o,
  output logic                     empty_o,        // nothing allocated
  output logic                     settled_o,      // nothing filled
  output logic                     done_o,         // the write of this cycle ends a command

  output logic                     w_req_o,
  output logic [VEC_W-1:0]         w_addr_o,
  output logic [N*8-1:0]           w_data_o,
  input  logic                     w_gnt_i
);

  localparam int unsigned PTR_W = $clog2(DEPTH);

  logic [N*8-1:0]   data_q [0:DEPTH-1];
  logic [VEC_W-1:0] addr_q [0:DEPTH-1];
  logic [DEPTH-1:0] last_q;
  logic [PTR_W:0]   alloc_q, fill_q, drain_q;

  assign alloc_ptr_o = alloc_q;
  assign drain_ptr_o = drain_q;
  assign empty_o     = alloc_q == drain_q;

  always_comb begin : head
    space_o   = 1'b1;
    settled_o = 1'b1;
    w_req_o   = 1'b0;
    w_addr_o  = '0;
    w_data_o  = '0;
    if (!empty_o) begin
      space_o   = alloc_q[PTR_W-1:0] != drain_q[PTR_W-1:0];
      settled_o = fill_q == drain_q;
      w_req_o   = fill_q != drain_q;
      w_addr_o  = addr_q[drain_q[PTR_W-1:0]];
      w_data_o  = data_q[drain_q[PTR_W-1:0]];
    end
  end
  assign done_o = w_req_o && w_gnt_i && last_q[drain_q[PTR_W-1:0]];

  always_ff @(posedge clk_i) begin : slots
    if (en_i) begin
      if (w_req_o && w_gnt_i)
        drain_q <= drain_q + 1'b1;
      if (fill_i) begin
        data_q[fill_q[PTR_W-1:0]] <= fill_data_i;
        fill_q                    <= fill_q + 1'b1;
      end
      if (alloc_i) begin
        addr_q[alloc_q[PTR_W-1:0]] <= alloc_addr_i;
        last_q[alloc_q[PTR_W-1:0]] <= alloc_last_i;
        alloc_q                    <= alloc_q + 1'b1;
      end
      if (clear_i) begin
        alloc_q <= '0;
        fill_q  <= '0;
        drain_q <= '0;
      end
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin : check
    if (!clear_i) begin
      // a slot must not be allocated when there is none
      a_alloc : assert (!alloc_i || space_o);
      // a result must not come without a slot
      a_fill : assert (!fill_i || fill_q != alloc_q);
    end
  end
`endif

endmodule
