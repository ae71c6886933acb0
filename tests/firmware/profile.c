/* Counts the guest's instructions per phase and address, and the lowest stack store per phase: a plugin for QEMU's TCG
 * (API version 1; Debian ships no header, so what is used is declared here).
 * arguments: out=FILE mark=ADDRESS fn=LOW:HIGH stack=LOW:HIGH. A store to mark+4*id by code in fn begins phase id. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t plugin_id;
struct block;
struct instruction;
extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct block *));
extern void qemu_plugin_register_vcpu_tb_exec_cb(struct block *, void (*)(unsigned, void *), int, void *);
extern void qemu_plugin_register_vcpu_mem_cb(struct instruction *, void (*)(unsigned, uint32_t, uint64_t, void *), int, int, void *);
extern void qemu_plugin_register_atexit_cb(plugin_id, void (*)(plugin_id, void *), void *);
extern size_t qemu_plugin_tb_n_insns(const struct block *);
extern struct instruction *qemu_plugin_tb_get_insn(const struct block *, size_t);
extern uint64_t qemu_plugin_insn_vaddr(const struct instruction *);
#define EXPORT __attribute__((visibility("default")))
EXPORT int qemu_plugin_version = 1;

enum { PHASES = 16, STORES = 2 };
struct counted {
  uint32_t address, instructions;
  uint64_t times[PHASES];
  struct counted *next;
};
static struct counted *all;
static int phase;
static uint32_t mark, function_low, function_high, stack_low, stack_high, lowest[PHASES], by[PHASES];
static char out[512];

static void executed(unsigned cpu, void *data) { ((struct counted *)data)->times[phase]++; }

static void marked(unsigned cpu, uint32_t info, uint64_t address, void *data) {
  uint32_t id = ((uint32_t)address - mark) / 4;
  if ((uint32_t)address >= mark && id < PHASES) phase = id;
}

static void stored(unsigned cpu, uint32_t info, uint64_t address, void *data) {
  uint32_t at = address;
  if (at >= stack_low && at < stack_high && at < lowest[phase]) {
    lowest[phase] = at;
    by[phase] = (uint32_t)(uintptr_t)data;
  }
}

static void translated(plugin_id id, struct block *block) {
  size_t count = qemu_plugin_tb_n_insns(block);
  struct counted *counted = calloc(1, sizeof *counted);
  if (!counted) abort();
  counted->instructions = count;
  counted->address = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(block, 0));
  counted->next = all;
  all = counted;
  for (size_t i = 0; i < count; i++) {
    struct instruction *instruction = qemu_plugin_tb_get_insn(block, i);
    uint32_t address = qemu_plugin_insn_vaddr(instruction);
    if (address >= function_low && address < function_high) qemu_plugin_register_vcpu_mem_cb(instruction, marked, 0, STORES, 0);
    qemu_plugin_register_vcpu_mem_cb(instruction, stored, 0, STORES, (void *)(uintptr_t)address);
  }
  qemu_plugin_register_vcpu_tb_exec_cb(block, executed, 0, counted);
}

static void ended(plugin_id id, void *data) {
  FILE *file = fopen(out, "w");
  if (!file) return;
  for (int p = 0; p < PHASES; p++)
    if (lowest[p] != UINT32_MAX) fprintf(file, "stack %d %u %u\n", p, stack_high - lowest[p], by[p]);
  for (struct counted *c = all; c; c = c->next)
    for (int p = 0; p < PHASES; p++)
      if (c->times[p]) fprintf(file, "count %d %u %llu\n", p, c->address, (unsigned long long)c->times[p] * c->instructions);
  fclose(file);
}

EXPORT int qemu_plugin_install(plugin_id id, const void *info, int count, char **arguments) {
  memset(lowest, 0xff, sizeof lowest);
  for (int i = 0; i < count; i++) {
    if (!strncmp(arguments[i], "out=", 4)) snprintf(out, sizeof out, "%s", arguments[i] + 4);
    else if (!strncmp(arguments[i], "mark=", 5)) mark = strtoul(arguments[i] + 5, 0, 0);
    else if (!strncmp(arguments[i], "fn=", 3)) sscanf(arguments[i] + 3, "%i:%i", (int *)&function_low, (int *)&function_high);
    else if (!strncmp(arguments[i], "stack=", 6)) sscanf(arguments[i] + 6, "%i:%i", (int *)&stack_low, (int *)&stack_high);
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_atexit_cb(id, ended, 0);
  return 0;
}
