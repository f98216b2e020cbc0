"""What becomes of a consulta on its day: confirmed, started, finished, missed, and a wrong click mended."""
