"""A new city from a workbook, or from answers: read at the door, written as a folder or not at all."""
