// SPDX-License-Identifier: Apache-2.0
//
// Fetches the nine parameter vectors of the next REQUANT while the vector engine
// still works on commands before it.
//
// want_i is high while a checked REQUANT waits; base_i is its parameter block.
// ready_o then says that the lanes' shadow registers hold its parameters, bad_o
// that a vector of them (bad_vec_o) is outside the scratchpad. taken_i ends the
// command's stay here; free_i says that the lanes have moved its parameters on.
//
// Order. The parameters may be the result of a command before. So nothing is
// fetched until all results that were on their way when the command arrived
// (arrived_i) are written, and a result aimed at the block after that (alloc_i)
// discards what was fetched until the engine has nothing else left (drained_i).
module quern_vector_params #(
  parameter int unsigned N = 16,
  parameter int unsigned SPM_BYTES = 524288,
  parameter int unsigned PTR_W = 5
) (
  input  logic                  clk_i,
  input  logic                  en_i,      // low only if there is nothing to do
  input  logic                  clear_i,

  input  logic                  arrived_i,
  input  logic                  waiting_i,    // a REQUANT waits, checked or not
  input  logic                  want_i,
  input  logic [23-$clog2(N):0] base_i,
  input  logic                  taken_i,
  input  logic                  free_i,
  output logic                  ready_o,
  output logic                  bad_o,
  output logic [23-$clog2(N):0] bad_vec_o,

  input  logic [PTR_W-1:0]      alloc_ptr_i,  // of the output queue
  input  logic [PTR_W-1:0]      drain_ptr_i,
  input  logic                  alloc_i,
  input  logic [23-$clog2(N):0] alloc_vec_i,
  input  logic                  drained_i,

  input  logic                  port_free_i,
  output logic                  req_o,
  output logic [23-$clog2(N):0] vec_o,
  input  logic                  gnt_i,
  output logic                  we_o,         // data of the vector idx_o is on the port
  output logic [3:0]            idx_o
);

  localparam int unsigned VEC_W = 24 - $clog2(N);
  localparam logic [VEC_W:0] VECTORS = (VEC_W + 1)'(SPM_BYTES / N);
  localparam logic [3:0] COUNT = 4'd9;

  logic             older_q, hit, hit_q, held_q, we_q;
  logic [PTR_W-1:0] older_ptr_q;
  logic [3:0]       asked_q, idx_q;
  logic [VEC_W-1:0] distance;

  assign bad_vec_o = vec_o;
  assign we_o      = we_q;
  assign idx_o     = idx_q;

  always_comb begin : fetch
    req_o    = 1'b0;
    bad_o    = 1'b0;
    ready_o  = 1'b0;
    hit      = 1'b0;
    distance = '0;
    vec_o    = '0;
    if (waiting_i) begin
      vec_o    = base_i + VEC_W'(asked_q);
      distance = alloc_vec_i - base_i;
      hit      = alloc_i && distance < VEC_W'(COUNT);
      if (want_i && !older_q && !hit_q && !held_q) begin
        ready_o = asked_q == COUNT && !we_q && !hit;
        bad_o   = asked_q != COUNT && {1'b0, vec_o} >= VECTORS;
        req_o   = asked_q != COUNT && {1'b0, vec_o} <  VECTORS && port_free_i;
      end
    end
  end

  always_ff @(posedge clk_i) begin : progress
    if (en_i) begin
      idx_q <= asked_q;
      if (hit)
        hit_q <= 1'b1;
      else if (drained_i && !we_q)
        hit_q <= 1'b0;
      if (req_o && gnt_i)
        asked_q <= asked_q + 4'd1;
      if (hit || taken_i)
        asked_q <= '0;
      we_q <= req_o && gnt_i;

      // From here to free_i the shadow registers belong to a command that runs.
      if (taken_i)
        held_q <= 1'b1;
      else if (free_i)
        held_q <= 1'b0;

      if (older_ptr_q == drain_ptr_i)
        older_q <= 1'b0;
      if (arrived_i) begin
        older_q     <= 1'b1;
        older_ptr_q <= alloc_ptr_i;
        hit_q       <= hit;
        asked_q     <= '0;
      end

      if (clear_i) begin
        older_q <= 1'b0;
        hit_q   <= 1'b0;
        held_q  <= 1'b0;
        we_q    <= 1'b0;
        asked_q <= '0;
      end
    end
  end

endmodule
