"""Prints what a linked firmware takes of flash and RAM, and fails if it reaches the key's sectors.

usage: size.py BOARD ELF
"""
import struct
import sys

# Of each board: where flash and RAM are mapped, the size of RAM, and where the key slots lie.
BOARDS = {
    "pico2w": {"flash": [(0x1000_0000, 0x1040_0000)], "ram": [(0x2000_0000, 0x2008_0000)],
               "ram_size": 512 * 1024, "room": 4088 * 1024},
    # IRAM and DRAM of the ESP32-C3 are two views of the same memory; esp-hal leaves the rest to the boot ROM.
    "esp32c3": {"flash": [(0x3C00_0000, 0x3C80_0000), (0x4200_0000, 0x4280_0000)],
                "ram": [(0x3FC8_0000, 0x3FCE_0000), (0x4037_C000, 0x403E_0000)],
                "ram_size": 377 * 1024, "room": 0x3E_0000},
}
ALLOCATED, NOBITS, LOAD = 2, 8, 1


def main(board, path):
    elf = open(path, "rb").read()
    program, sections = struct.unpack_from("<II", elf, 28)
    size_p, count_p, size_s, count_s, names = struct.unpack_from("<HHHHH", elf, 42)
    headers = [struct.unpack_from("<10I", elf, sections + size_s * n) for n in range(count_s)]
    table = headers[names][4]
    inside = lambda ranges, address: any(low <= address < high for low, high in ranges)
    here = BOARDS[board]

    loads = [struct.unpack_from("<8I", elf, program + size_p * n) for n in range(count_p)]
    flash = sum(load[4] for load in loads if load[0] == LOAD)  # what is initialised lies in flash
    if board == "pico2w":
        end = max(load[3] + load[4] for load in loads if load[0] == LOAD and load[4])
        assert end <= 0x103F_E000, "the image reaches into the key's sectors"
    taken = 0
    for name, kind, flags, address, _, size, *_ in headers:
        text = elf[table + name:elf.index(b"\0", table + name)].decode()
        # Gaps that stand for the other view of memory, and what is left for the stack, take nothing.
        if flags & ALLOCATED and inside(here["ram"], address) and "dummy" not in text and text != ".stack":
            taken += size
    print(f"{board:<10} flash {flash:>8} of {here['room']}, static RAM {taken:>7} of {here['ram_size']},"
          f" {here['ram_size'] - taken} left")
    assert flash <= here["room"], "the image does not fit"
    assert here["ram_size"] - taken >= 48 * 1024, "less than 48 KB are left for stack"


main(*sys.argv[1:])
