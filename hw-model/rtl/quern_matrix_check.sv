// SPDX-License-Identifier: Apache-2.0
//
// The rules between fields of CONV and DWCONV, checked before a command starts:
// docs/isa.md, "Checks and faults". The dispatcher has checked each field by
// itself.
//
// Two cycles while cmd_i holds: in phase 1 the output sizes, in phase 2 their
// product; fault_o is the verdict from the next cycle on. A stride divides by one
// of eight constants, so the divisions are multiplications.
module quern_matrix_check #(
  parameter int unsigned N = 16
) (
  input  logic         clk_i,
  input  logic         en_i,
  input  logic [1:0]   phase_i,    // 1: sizes, 2: verdict
  // Only the fields that the rules name are looked at.
  // verilator lint_off UNUSEDSIGNAL
  input  logic [511:0] cmd_i,
  // verilator lint_on UNUSEDSIGNAL
  output logic [7:0]   fault_o
);

  // verilator lint_off UNUSEDSIGNAL
  quern_pkg::cmd_conv_t   cv;   // each engine part reads its own fields
  quern_pkg::cmd_dwconv_t dw;
  // verilator lint_on UNUSEDSIGNAL
  assign cv = cmd_i;
  assign dw = cmd_i;

  // floor(x / d) for x < 4096 and 1 <= d <= 8. The reciprocals are rounded up, by
  // less than one in 2^16, so that the error stays below 4096 / 2^16 < 1 / d: exact.
  function automatic logic [12:0] divide(input logic [11:0] x, input logic [3:0] d);
    // verilator lint_off UNUSEDSIGNAL
    logic [28:0] product;   // 16 fraction bits, which are dropped
    // verilator lint_on UNUSEDSIGNAL
    case (d)
      4'd1:    product = 29'(x) << 16;
      4'd2:    product = 29'(x) << 15;
      4'd3:    product = x * 17'd21846;
      4'd4:    product = 29'(x) << 14;
      4'd5:    product = x * 17'd13108;
      4'd6:    product = x * 17'd10923;
      4'd7:    product = x * 17'd9363;
      default: product = 29'(x) << 13;
    endcase
    divide = product[28:16];
  endfunction

  logic        shape_q, bank_q;
  logic [12:0] nx_q, ny_q;

  always_ff @(posedge clk_i) begin : check
    logic [25:0] entries;
    logic        is_dw;
    entries = '0;
    is_dw   = 1'b0;
    if (en_i) begin
      if (phase_i == 2'd1) begin
        is_dw = cmd_i[7:0] == quern_pkg::OP_DWCONV;
        shape_q <= is_dw && (dw.kw[3:0] * dw.kh[1:0] > 6'(N) || 16'(dw.kw) > dw.in_nx || 16'(dw.kh) > dw.in_ny);
        bank_q  <= cv.acc_base >= 16'(quern_pkg::ACC_BANKS * quern_pkg::ACC_ENTRIES);
        nx_q    <= is_dw ? divide(12'(dw.in_nx - 16'(dw.kw)), dw.sx[3:0]) + 13'd1 : 13'(cv.nx);
        ny_q    <= is_dw ? divide(12'(dw.in_ny - 16'(dw.kh)), dw.sy[3:0]) + 13'd1 : 13'(cv.ny);
      end
      if (phase_i == 2'd2) begin
        entries = nx_q * ny_q;
        if (shape_q || entries > 26'(quern_pkg::ACC_ENTRIES))
          fault_o <= quern_pkg::FAULT_ILLEGAL_FIELD;
        else if (bank_q || 26'(cv.acc_base[8:0]) + entries > 26'(quern_pkg::ACC_ENTRIES))
          fault_o <= quern_pkg::FAULT_ACC_BOUNDS;
        else
          fault_o <= quern_pkg::FAULT_NONE;
      end
    end
  end

endmodule
