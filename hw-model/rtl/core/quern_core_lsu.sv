// SPDX-License-Identifier: Apache-2.0
//
// Load/store alignment: byte enables, store data and alignment check on the
// way out, extraction and extension of load data on the way in. All access
// sizes are naturally aligned; anything else is reported, not split.
//
// Combinational; outputs are zero while en_i is low. The sequencing of the
// data port is the control unit's (quern_core).
module quern_core_lsu (
  input  logic        en_i,
  input  logic [2:0]  funct3_i,
  input  logic [1:0]  addr_i,       // byte address within the word
  input  logic [31:0] wdata_i,
  output logic        misaligned_o,
  output logic [3:0]  be_o,
  output logic [31:0] wdata_o,

  input  logic [31:0] rdata_i,      // word from the bus
  output logic [31:0] rdata_o       // value for the register
);

  always_comb begin : align
    logic [15:0] shifted;

    misaligned_o = 1'b0;
    be_o         = 4'd0;
    wdata_o      = 32'd0;
    rdata_o      = 32'd0;
    shifted      = 16'd0;

    if (en_i) begin
      case (addr_i)
        2'b00:   shifted = rdata_i[15:0];
        2'b01:   shifted = {8'd0, rdata_i[15:8]};
        2'b10:   shifted = rdata_i[31:16];
        default: shifted = {8'd0, rdata_i[31:24]};
      endcase
      case (funct3_i[1:0])
        2'b00: begin
          be_o    = 4'b0001 << addr_i;
          wdata_o = {4{wdata_i[7:0]}};
          rdata_o = {{24{shifted[7] && !funct3_i[2]}}, shifted[7:0]};
        end
        2'b01: begin
          misaligned_o = addr_i[0];
          be_o         = addr_i[1] ? 4'b1100 : 4'b0011;
          wdata_o      = {2{wdata_i[15:0]}};
          rdata_o      = {{16{shifted[15] && !funct3_i[2]}}, shifted[15:0]};
        end
        default: begin
          misaligned_o = addr_i != 2'b00;
          be_o         = 4'b1111;
          wdata_o      = wdata_i;
          rdata_o      = rdata_i;
        end
      endcase
    end
  end

endmodule
