"""Takes README's picture of the page, from a demo of its own: ``make captura``."""

import asyncio
import tempfile
from pathlib import Path

from e2e.visit import WINDOW, Visit, browser, demo_server

PICTURE = Path(__file__).with_name("pagina.png")


async def main() -> None:
    """Log in as the paciente, book, and take the picture of the answer."""
    with tempfile.TemporaryDirectory() as folder:
        async with demo_server(Path(folder)) as url, browser() as chromium:
            page = await chromium.new_page(viewport=WINDOW, locale="pt-BR", device_scale_factor=1.5)
            visit = await Visit(page, url).open()
            await visit.enter_as("paciente")
            for name in ("QuemSou", "HorariosLivres", "ReservarHorario", "AgendarConsulta"):
                await visit.tab(name).click()
                await visit.run()
            await page.locator(".sghss-seguinte").wait_for()
            await page.mouse.move(1000, 700)
            await page.screenshot(path=PICTURE)


if __name__ == "__main__":
    asyncio.run(main())
