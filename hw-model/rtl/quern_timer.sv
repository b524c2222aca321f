// SPDX-License-Identifier: Apache-2.0
//
// Time: the cycle counter, the control core's timer interrupt and its watchdog,
// with their registers (CYCLE_*, MTIMECMP_*, WDT_LOAD).
//
// acc_*: register access of this cycle, by the host or the core; rdata_o comes in
// the next and is zero for registers of others. Reading CYCLE_LO latches
// CYCLE_HI for the reader, so that host and core do not disturb each other.
// irq_timer_o is a level. bite_o pulses when the core has run for WDT_LOAD cycles
// since it last wrote WDT_LOAD; the watchdog is then off.
module quern_timer (
  input  logic        clk_i,
  input  logic        clk_regs_i,     // clock of the registers: runs while acc_valid_i or wake_o is high
  input  logic        rst_ni,

  input  logic        acc_valid_i,
  input  logic        acc_host_i,
  input  logic        acc_we_i,
  input  logic [17:0] acc_addr_i,
  input  logic [31:0] acc_wdata_i,
  output logic [31:0] rdata_o,        // in the cycle after the access, 0 if it was another's

  input  logic        core_run_i,
  output logic [63:0] cycle_o,
  output logic        irq_timer_o,
  output logic        bite_o,
  output logic        wake_o          // irq_timer_o or bite_o changes
);

  logic        core_write;
  logic [63:0] cycle_q;
  logic [31:0] hi_host_q, hi_core_q;   // CYCLE_HI as latched by either reader
  logic [63:0] compare_q;
  logic [31:0] load_q, count_q;        // watchdog: as set, cycles left

  assign core_write = acc_valid_i && acc_we_i && !acc_host_i;
  assign cycle_o    = cycle_q;

  // Only the counts move in every cycle, and what they lead to is looked at here alone.

  logic due, last, load;

  assign due    = cycle_q >= compare_q;
  assign last   = load_q != 32'd0 && count_q == 32'd1;
  assign load   = core_write && acc_addr_i == quern_pkg::REG_WDT_LOAD;
  assign wake_o = due != irq_timer_o || last || bite_o;

  always_ff @(posedge clk_i) begin : count
    if (!rst_ni)
      cycle_q <= 64'd0;
    else
      cycle_q <= cycle_q + 64'd1;
    if (load)
      count_q <= acc_wdata_i;
    else if (load_q != 32'd0)
      count_q <= count_q - 32'd1;
  end

  always_ff @(posedge clk_regs_i) begin : interrupt
    irq_timer_o <= rst_ni && due;
  end

  always_ff @(posedge clk_regs_i) begin : latch_high
    if (!rst_ni) begin
      hi_host_q <= 32'd0;
      hi_core_q <= 32'd0;
    end else if (acc_valid_i && !acc_we_i && acc_addr_i == quern_pkg::REG_CYCLE_LO) begin
      if (acc_host_i)
        hi_host_q <= cycle_q[63:32];
      else
        hi_core_q <= cycle_q[63:32];
    end
  end

  always_ff @(posedge clk_regs_i) begin : compare
    if (!rst_ni) begin
      compare_q <= '1;
    end else if (core_write) begin
      if (acc_addr_i == quern_pkg::REG_MTIMECMP_LO)
        compare_q[31:0] <= acc_wdata_i;
      if (acc_addr_i == quern_pkg::REG_MTIMECMP_HI)
        compare_q[63:32] <= acc_wdata_i;
    end
  end

  always_ff @(posedge clk_regs_i) begin : watchdog
    bite_o <= 1'b0;
    if (!rst_ni || !core_run_i) begin
      load_q <= 32'd0;
    end else if (load) begin
      load_q <= acc_wdata_i;
    end else if (last) begin
      load_q <= 32'd0;
      bite_o <= 1'b1;
    end
  end

  always_ff @(posedge clk_regs_i) begin : read
    if (acc_valid_i) begin
      rdata_o <= 32'd0;
      if (!acc_we_i)
        case (acc_addr_i)
          quern_pkg::REG_CYCLE_LO:    rdata_o <= cycle_q[31:0];
          quern_pkg::REG_CYCLE_HI:    rdata_o <= acc_host_i ? hi_host_q : hi_core_q;
          quern_pkg::REG_MTIMECMP_LO: rdata_o <= acc_host_i ? 32'd0 : compare_q[31:0];
          quern_pkg::REG_MTIMECMP_HI: rdata_o <= acc_host_i ? 32'd0 : compare_q[63:32];
          quern_pkg::REG_WDT_LOAD:    rdata_o <= acc_host_i ? 32'd0 : load_q;
          default: ;
        endcase
    end
  end

`ifndef SYNTHESIS
  logic bite_q;

  always_ff @(posedge clk_regs_i) begin : assertions
    bite_q <= bite_o;
    // The watchdog must not bite twice without having been set again.
    a_bite_once: assert (!(bite_o && bite_q));
  end
`endif

endmodule
