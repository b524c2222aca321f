// SPDX-License-Identifier: Apache-2.0
//
// The order of work of REQUANT, ELTWISE, POOL and MAP: for each output, row by
// row, the operand (or the elements of the operand window) and the destination.
//
// load_i takes a command; the outputs describe the current element; step_i moves
// on. Strides are in vectors, addresses are vector indices that wrap at the size
// of the scratchpad address space (2^24 bytes).
module quern_vector_walk #(
  parameter int unsigned N = 16
) (
  input  logic                     clk_i,
  input  logic                     load_i,
  // Only the geometry is looked at.
  // verilator lint_off UNUSEDSIGNAL
  input  logic [511:0]             cmd_i,
  // verilator lint_on UNUSEDSIGNAL
  input  logic                     step_i,
  input  logic                     en_i,         // low only if there is nothing to do

  output logic [23-$clog2(N):0]    in_o,         // operand vector
  output logic [9:0]               acc_o,        // REQUANT: accumulator
  output logic [23-$clog2(N):0]    out_o,        // destination vector
  output logic                     first_o,      // first element of the command
  output logic                     win_first_o,  // first, last element of a window
  output logic                     win_last_o,
  output logic                     last_o        // last element of the command
);

  localparam int unsigned LANE_W = $clog2(N);
  localparam int unsigned VEC_W  = 24 - LANE_W;

  // verilator lint_off UNUSEDSIGNAL
  quern_pkg::cmd_requant_t rq;   // the geometry of each kind of command
  quern_pkg::cmd_eltwise_t el;
  quern_pkg::cmd_pool_t    po;
  quern_pkg::cmd_map_t     ma;
  // verilator lint_on UNUSEDSIGNAL
  assign rq = cmd_i;
  assign el = cmd_i;
  assign po = cmd_i;
  assign ma = cmd_i;

  // Per command.
  logic [15:0]      nx_m1_q, in_sx_q, in_sy_q, out_sx_q, out_sy_q, kx_q, ky_q;
  logic [7:0]       kw_m1_q, kh_m1_q;
  // Position: iterations after the current one, and where each loop started.
  logic [15:0]      x_left_q, y_left_q;
  logic [7:0]       kx_left_q, ky_left_q;
  logic [VEC_W-1:0] in_q, in_krow_q, in_pix_q, in_row_q, out_q, out_row_q;
  logic [9:0]       acc_q;
  logic             first_q, win_first_q;

  assign in_o        = in_q;
  assign acc_o       = acc_q;
  assign out_o       = out_q;

  always_comb begin : marks
    first_o     = 1'b0;
    win_first_o = 1'b0;
    win_last_o  = 1'b0;
    last_o      = 1'b0;
    if (en_i) begin
      first_o     = first_q;
      win_first_o = win_first_q;
      win_last_o  = (kx_left_q | ky_left_q) == 0;
      last_o      = win_last_o && (x_left_q | y_left_q) == 0;
    end
  end

  always_ff @(posedge clk_i) begin : walk
    logic [VEC_W-1:0] base;
    base = '0;
    if (en_i) begin
      if (step_i) begin
        first_q     <= 1'b0;
        win_first_q <= win_last_o;
        if (kx_left_q != 0) begin
          kx_left_q <= kx_left_q - 8'd1;
          in_q      <= in_q + VEC_W'(kx_q);
        end else if (ky_left_q != 0) begin
          kx_left_q <= kw_m1_q;
          ky_left_q <= ky_left_q - 8'd1;
          in_q      <= in_krow_q + VEC_W'(ky_q);
          in_krow_q <= in_krow_q + VEC_W'(ky_q);
        end else begin
          kx_left_q <= kw_m1_q;
          ky_left_q <= kh_m1_q;
          acc_q     <= acc_q + 10'd1;
          if (x_left_q != 0) begin
            base      = in_pix_q + VEC_W'(in_sx_q);
            x_left_q <= x_left_q - 16'd1;
            out_q    <= out_q + VEC_W'(out_sx_q);
          end else begin
            base      = in_row_q + VEC_W'(in_sy_q);
            in_row_q <= base;
            x_left_q <= nx_m1_q;
            y_left_q <= y_left_q - 16'd1;
            out_q    <= out_row_q + VEC_W'(out_sy_q);
            out_row_q <= out_row_q + VEC_W'(out_sy_q);
          end
          in_q      <= base;
          in_krow_q <= base;
          in_pix_q  <= base;
        end
      end
      if (load_i) begin
        kw_m1_q   <= '0;
        kh_m1_q   <= '0;
        kx_left_q <= '0;
        ky_left_q <= '0;
        kx_q      <= po.kx_v;
        ky_q      <= po.ky_v;
        case (cmd_i[7:0])
          quern_pkg::OP_REQUANT: begin
            nx_m1_q  <= rq.nx - 16'd1;
            x_left_q <= rq.nx - 16'd1;
            y_left_q <= rq.ny - 16'd1;
            in_sx_q  <= '0;
            in_sy_q  <= '0;
            out_sx_q <= rq.out_sx_v;
            out_sy_q <= rq.out_sy_v;
            base      = '0;
            out_q    <= rq.out_base[23:LANE_W];
            out_row_q <= rq.out_base[23:LANE_W];
          end
          quern_pkg::OP_ELTWISE: begin
            nx_m1_q  <= el.nx - 16'd1;
            x_left_q <= el.nx - 16'd1;
            y_left_q <= el.ny - 16'd1;
            in_sx_q  <= el.a_sx_v;
            in_sy_q  <= el.a_sy_v;
            out_sx_q <= el.out_sx_v;
            out_sy_q <= el.out_sy_v;
            base      = el.a_base[23:LANE_W];
            out_q    <= el.out_base[23:LANE_W];
            out_row_q <= el.out_base[23:LANE_W];
          end
          quern_pkg::OP_POOL: begin
            nx_m1_q  <= po.nx - 16'd1;
            x_left_q <= po.nx - 16'd1;
            y_left_q <= po.ny - 16'd1;
            in_sx_q  <= po.in_sx_v;
            in_sy_q  <= po.in_sy_v;
            out_sx_q <= po.out_sx_v;
            out_sy_q <= po.out_sy_v;
            base      = po.in_base[23:LANE_W];
            out_q    <= po.out_base[23:LANE_W];
            out_row_q <= po.out_base[23:LANE_W];
            kw_m1_q   <= 8'(po.kw - 16'd1);
            kh_m1_q   <= 8'(po.kh - 16'd1);
            kx_left_q <= 8'(po.kw - 16'd1);
            ky_left_q <= 8'(po.kh - 16'd1);
          end
          default: begin
            nx_m1_q  <= ma.nx - 16'd1;
            x_left_q <= ma.nx - 16'd1;
            y_left_q <= ma.ny - 16'd1;
            in_sx_q  <= ma.in_sx_v;
            in_sy_q  <= ma.in_sy_v;
            out_sx_q <= ma.out_sx_v;
            out_sy_q <= ma.out_sy_v;
            base      = ma.in_base[23:LANE_W];
            out_q    <= ma.out_base[23:LANE_W];
            out_row_q <= ma.out_base[23:LANE_W];
          end
        endcase
        in_q        <= base;
        in_krow_q   <= base;
        in_pix_q    <= base;
        in_row_q    <= base;
        acc_q       <= rq.acc_base[9:0];
        first_q     <= 1'b1;
        win_first_q <= 1'b1;
      end
    end
  end

endmodule
